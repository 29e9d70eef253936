package main

import "embed"

// docs are the documents of this very version, which the status page links to.
//
//go:embed docs/*.md docs/runbooks/*.md
var docs embed.FS
