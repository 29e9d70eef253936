package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"license_exporter/collector"
)

// reloader puts the configuration into force anew.
type reloader struct {
	flags   *flags
	factory *factory
	engine  *collector.Engine
	logger  log.Logger
	begin   func() // to fetch what has not been fetched yet

	mu sync.Mutex
}

// Reload reads the configuration and takes it over. If that cannot be done, the
// one before stays in force, and the error says why.
func (r *reloader) Reload() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.takeOver()
	r.factory.telemetry.Reloaded(time.Now(), err == nil)
	if err != nil {
		_ = level.Error(r.logger).Log("msg", "the configuration cannot be taken over, the old one stays in force", "err", err)
		return err
	}
	_ = level.Info(r.logger).Log("msg", "the configuration was taken over")
	r.begin()
	return nil
}

func (r *reloader) takeOver() error {
	if r.flags.demo {
		return nil // its configuration cannot change
	}
	settings, _, err := loadConfig(r.flags)
	if err != nil {
		return err
	}
	accounts, err := r.factory.accounts(settings)
	if err != nil {
		return err
	}
	r.engine.Reload(accounts)
	return nil
}

// onHangup reloads at each SIGHUP from now on, until the context ends.
func (r *reloader) onHangup(ctx context.Context) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		defer signal.Stop(hangups)
		for {
			select {
			case <-hangups:
				_ = r.Reload() // it has said in the log what is wrong
			case <-ctx.Done():
				return
			}
		}
	}()
}
