package main

import (
	"context"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"license_exporter/engine"
	"license_exporter/exposition"
	"license_exporter/internal/hangup"
)

// reloader applies the configuration again.
type reloader struct {
	flags   *flags
	factory *factory
	engine  *engine.Engine
	// exposition replaces the accounts of the engine, too.
	exposition *exposition.Exposition
	logger     log.Logger

	mu sync.Mutex
}

// Reload reads the configuration and applies it. If that fails, the previous one
// remains in use, and the error says why.
func (r *reloader) Reload() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.apply()
	r.factory.telemetry.Reloaded(time.Now(), err == nil)
	if err != nil {
		logErrors(r.logger, "the configuration was rejected, the previous one remains in use", err)
		return err
	}
	_ = level.Info(r.logger).Log("msg", "the configuration was applied")
	return nil
}

func (r *reloader) apply() error {
	if r.flags.demo {
		return nil // its configuration cannot change
	}
	settings, _, err := loadConfig(r.factory.vendors, r.flags)
	if err != nil {
		return err
	}
	accounts, err := r.factory.accounts(settings)
	if err != nil {
		return err
	}
	r.exposition.Apply(accounts, settings.Labels())
	r.engine.Policies.Store(settings.Policies)
	return nil
}

// onHangup reloads at each SIGHUP until the context ends.
func (r *reloader) onHangup(ctx context.Context) {
	go func() {
		for {
			select {
			case <-hangup.Received():
				_ = r.Reload() // logs what is wrong
			case <-ctx.Done():
				return
			}
		}
	}()
}
