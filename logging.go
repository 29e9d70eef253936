package main

import (
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	sloggokit "github.com/tjhop/slog-gokit"

	"license_exporter/collector"
)

// logging writes the log.
type logging struct {
	logger log.Logger
	// bare adds no timestamps, for libraries that add their own.
	bare log.Logger
}

func newLogging(format, least string, w io.Writer) logging {
	bare := newLogger(format, least, w)
	return logging{log.With(bare, "ts", log.DefaultTimestampUTC, "caller", log.DefaultCaller), bare}
}

// newLogger returns a logger without timestamps.
func newLogger(format, least string, w io.Writer) log.Logger {
	w = log.NewSyncWriter(w)
	logger := log.NewLogfmtLogger(w)
	if format == formatJSON {
		logger = log.NewJSONLogger(w)
	}
	return level.NewFilter(logger, level.Allow(level.ParseDefault(least, level.InfoValue())))
}

// forLibraries returns a logger for libraries that use log/slog. They add the time themselves, which
// then has the same key as in other lines.
func (l logging) forLibraries() *slog.Logger {
	renamed := log.LoggerFunc(func(keyvals ...any) error {
		for i := 0; i+1 < len(keyvals); i += 2 {
			if t, ok := keyvals[i+1].(time.Time); ok && keyvals[i] == slog.TimeKey {
				keyvals[i], keyvals[i+1] = "ts", t.UTC()
			}
		}
		return l.bare.Log(keyvals...)
	})
	return slog.New(sloggokit.NewGoKitHandler(renamed, slog.LevelDebug))
}

// logErrors logs each problem of an error in one line.
func logErrors(logger log.Logger, msg string, err error) {
	for problem := range strings.SplitSeq(err.Error(), "\n") {
		_ = level.Error(logger).Log("msg", msg, "err", problem)
	}
}

// reportUsage logs an error in the command line, in the format that it asks for.
func reportUsage(args []string, err error, stderr io.Writer) {
	const flag = "--log.format"
	format := formatLogfmt
	i := slices.Index(args, flag)
	if slices.Contains(args, flag+"="+formatJSON) || i >= 0 && i+1 < len(args) && args[i+1] == formatJSON {
		format = formatJSON
	}
	logErrors(newLogging(format, "", stderr).logger, "cannot parse the command line", err)
}

// logIgnored logs the environment variables of vendors that are set but ignored.
func logIgnored(vendors collector.Vendors, flags *flags, logger log.Logger) {
	flag := "--config.file"
	switch {
	case flags.demo:
		flag = "--demo"
	case flags.configFile == "":
		return
	}
	var ignored []string
	for _, v := range vendors {
		for _, variable := range v.Environment {
			if os.Getenv(variable.Name) != "" {
				ignored = append(ignored, variable.Name)
			}
		}
	}
	if len(ignored) > 0 {
		_ = level.Warn(logger).Log("msg", "environment variables are ignored because of "+flag, "variables", strings.Join(ignored, ", "))
	}
}
