package engine

// ReadyAfter is readyAfter, for tests.
const ReadyAfter = readyAfter
