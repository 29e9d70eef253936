package main

import "embed"

// docs are the documents of this very version, which the status page links to.
//
//go:embed docs/*.md
var docs embed.FS
