# make run    run every experiment (on the simulator where no data are at hand); reports land under out/ or reports/
# make test   all tests; with FLOWBOOK_DATA=DIR also those that need the real data
# make check  what .ci/run holds a change to: formatting, vet, staticcheck, tests with the race detector
# make peers  every learner beside scikit-learn's figures on six tables, all folds and draws (three minutes, some tables want FLOWBOOK_DATA)
# make fuzz   altered model files against their reader, a minute a target
# make onnx   exported models in onnxruntime, which it installs into out/
# make bench  the learners on NSL-KDD, one JSON line a model
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
EXPERIMENTS = $(notdir $(wildcard experiments/*))
GO         ?= go

.PHONY: build run test check vet race peers fuzz onnx browser verify bench clean

build:
	$(GO) build -trimpath -o bin/flowbook ./cmd/flowbook
	@for e in $(EXPERIMENTS); do \
	  echo "$(GO) build -trimpath -o bin/flowbook-$$e ./experiments/$$e"; \
	  $(GO) build -trimpath -o bin/flowbook-$$e ./experiments/$$e || exit 1; \
	done

run: build
	bin/flowbook run all

test:
	$(GO) test -timeout 30m ./...

check: vet race

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags browser ./reports
	$(GO) run $(STATICCHECK) ./...

race:
	$(GO) test -race -short -timeout 40m ./...

peers:
	FLOWBOOK_PEERS=full $(GO) test -count=1 -timeout 40m -run 'AsGoodAs' ./cmd/flowbook

FUZZTIME ?= 60s
fuzz:
	$(GO) test -run xxx -fuzz FuzzModel -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./models/saved
	$(GO) test -run xxx -fuzz FuzzFile -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./models/saved
	$(GO) test -run xxx -fuzz FuzzReader -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./models/internal/wire

onnx:
	python3 -m venv out/venv
	out/venv/bin/pip install --quiet onnx onnxruntime
	FLOWBOOK_PYTHON=$(CURDIR)/out/venv/bin/python $(GO) test -count=1 ./models/onnx

# Pages in a real browser: wants chromium on the PATH (Debian: apt-get install chromium).
browser: build
	$(GO) test -tags browser -count=1 -run Browser ./reports

# The committed reports, rerun at 1, 2 and 7 cores and compared byte for byte: wants FLOWBOOK_DATA.
verify: build
	bin/flowbook verify all $(VERIFY)

bench: build
	bin/flowbook bench nslkdd

clean:
	rm -rf bin out
