package snow

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// Answers that cannot be used must not keep the memory that the process has for answers. It is
// enough for fewer than that many.
func TestOddAnswersKeepNoMemory(t *testing.T) {
	const many = 300
	s := serve(t, answer(http.StatusOK, "{}"))
	c := s.client(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for what, body := range map[string]string{
		"no list":      `{"pagination": {}}`,
		"another page": `{"items": [{"id": "1"}], "pagination": {"page_number": 7}}`,
		"one record":   `{"id": "1", "name": "Covered"}`,
		"no nodes":     `{"nodes": null}`,
		"odd nodes":    `{"nodes": 1}`,
	} {
		s.answerWith(answer(http.StatusOK, body))
		for range many {
			_, _ = collect(c.Licenses(ctx)) // most are errors
			_, _ = collect(c.EntitlementStates(ctx))
			_, _ = c.Organizations(ctx)
		}
		if ctx.Err() != nil {
			t.Fatalf("%s: no memory for answers is left", what)
		}
	}
}
