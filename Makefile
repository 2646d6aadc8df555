# make run    run every experiment (on the simulator where no data are at hand); reports land under out/ or reports/
# make test   all tests; with FLOWBOOK_DATA=DIR also those that need the real data
# make check  what .ci/run holds a change to: formatting, vet, staticcheck, tests with the race detector
# make bench  the learners on NSL-KDD, one JSON line a model
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
EXPERIMENTS = $(notdir $(wildcard experiments/*))
GO         ?= go

.PHONY: build run test check vet race browser verify bench clean

build:
	$(GO) build -trimpath -o bin/flowbook ./cmd/flowbook
	@for e in $(EXPERIMENTS); do \
	  echo "$(GO) build -trimpath -o bin/flowbook-$$e ./experiments/$$e"; \
	  $(GO) build -trimpath -o bin/flowbook-$$e ./experiments/$$e || exit 1; \
	done

run: build
	bin/flowbook run all

test:
	$(GO) test ./...

check: vet race

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags browser ./reports
	$(GO) run $(STATICCHECK) ./...

race:
	$(GO) test -race -timeout 40m ./...

# Pages in a real browser: wants chromium on the PATH (Debian: apt-get install chromium).
browser: build
	$(GO) test -tags browser -count=1 -run Browser ./reports

# The committed reports, rerun at 1, 2 and 7 cores and compared byte for byte: wants FLOWBOOK_DATA.
verify: build
	bin/flowbook verify all

bench: build
	bin/flowbook bench nslkdd

clean:
	rm -rf bin out
