package main

import "embed"

//go:generate go test -run ^Test(Document|ContributingShowsTheExample|ValuesSchema|ChartReadme)$ -update .

// docs are the documents of this very version, which the pages link to.
//
//go:embed docs/*.md docs/runbooks/*.md docs/vendors/*.md
var docs embed.FS
