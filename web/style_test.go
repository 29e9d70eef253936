package web

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// colors returns the custom properties in a block of the style.
func colors(t *testing.T, block string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
		found[m[1]] = m[2]
	}
	if len(found) < 17 {
		t.Fatalf("only %d colors in %q", len(found), block)
	}
	return found
}

// luminance returns the relative luminance as defined in WCAG 2.
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	if err != nil {
		t.Fatalf("%q is no color", color)
	}
	part := func(shift int) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

// Both color schemes meet the contrast of WCAG 2 AA: 4.5 to 1 for text, and 3 to 1
// for graphics that carry meaning.
func TestHomePageContrast(t *testing.T) {
	light, rest, found := strings.Cut(pageStyle, "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("no dark scheme")
	}
	dark, _, _ := strings.Cut(rest, "\n}")
	for scheme, block := range map[string]string{"light": light, "dark": dark} {
		c := colors(t, block)
		for _, pair := range []struct {
			front, back string
			least       float64
		}{
			{"text", "back", 4.5},
			{"muted", "back", 4.5},
			{"muted", "surface", 4.5},
			{"link", "back", 4.5},
			{"link", "surface", 4.5},
			{"critical", "critical-back", 4.5},
			{"warning", "warning-back", 4.5},
			{"notice", "notice-back", 4.5},
			{"ok", "ok-back", 4.5},
			{"border", "back", 3},
			{"border", "surface", 3},
			{"focus", "back", 3},
			{"focus", "surface", 3},
			{"ok", "track", 3},
			{"warning", "track", 3},
			{"critical", "track", 3},
		} {
			a, b := luminance(t, c[pair.front]), luminance(t, c[pair.back])
			if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < pair.least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %v", scheme, pair.front, pair.back, ratio, pair.least)
			}
		}
	}
}
