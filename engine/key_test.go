package engine_test

import (
	"runtime"
	"testing"
	"weak"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/policy"
)

// Later policies may be at the address of those that a key was made with, unless the key keeps those.
func TestFactsKeyChangesWithThePolicies(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(10)}))
	h.Refresh(t.Context(), engine.Selection{})
	keyWith := func(owner string) (engine.FactsKey, weak.Pointer[policy.Set]) {
		set := policy.NewSet([]policy.Policy{{Rules: policy.Rules{Owner: owner}}})
		h.Policies.Store(set)
		s := h.Snapshots(engine.Selection{})[0]
		return s.FactsKey(&s.Organizations[0]), weak.Make(set)
	}
	one, policies := keyWith("one")
	two, _ := keyWith("two")
	runtime.GC()
	if one == two || policies.Value() == nil {
		t.Errorf("keys with different policies are equal: %t; the policies of the first are kept: %t", one == two, policies.Value() != nil)
	}
	runtime.KeepAlive(one)
}
