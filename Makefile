# mutagree: the one way to build, test and install. `make help` lists the targets.

# --- what may be set ------------------------------------------------------------------------------------------------
ifeq ($(origin CC),default)
CC := mpicc
endif
BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
OPT     ?= -O3 -g
SANITIZE ?=
RANKS   ?= 2
SEARCH  ?=
V       ?= # V=1 shows the commands

# --- libraries ------------------------------------------------------------------------------------------------------
# Debian calls its parallel HDF5 hdf5-openmpi; Spack, conda and others have one hdf5.pc, and it must be the parallel one.
HDF5       := $(firstword $(foreach p,hdf5-openmpi hdf5,$(shell pkg-config --exists $(p) 2>/dev/null && echo $(p))) hdf5-openmpi)
PACKAGES   := $(HDF5) gsl htslib jansson libprotobuf-c libzip libmd cairo cairo-pdf cairo-svg cairo-png
MISSING    := $(strip $(foreach p,$(PACKAGES),$(shell pkg-config --exists $(p) 2>/dev/null || echo $(p))))
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
# A compiler that is no MPI wrapper (make CC=clang) is told what mpicc would add.
ifeq ($(findstring mpi,$(notdir $(firstword $(CC)))),)
PKG_CFLAGS += $(shell mpicc --showme:compile 2>/dev/null)
PKG_LIBS   += $(shell mpicc --showme:link 2>/dev/null)
endif
WARNINGS   := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
# No contraction outside the kernels and no fast-math anywhere: NaN checks stay, and bits do not depend on the compiler's mood.
CFLAGS     += -std=c11 -D_GNU_SOURCE $(WARNINGS) $(OPT) -fopenmp -ffp-contract=off -fno-math-errno $(SANITIZE)
CPPFLAGS   += -I. -I$(BUILD)/made $(PKG_CFLAGS) -MMD -MP
LDLIBS     += $(PKG_LIBS) -lm
VERSION    := 0.2.0
REVISION   := $(shell git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)

# --- sources --------------------------------------------------------------------------------------------------------
# Kernels are compiled once for each instruction set and chosen when the program starts. (Loops that are asked to be unrolled
# stay as they are in builds with less optimisation, which clang would warn of.)
KERNELS  := $(sort $(wildcard src/kernels/*.c src/*/kernels/*.c))
COMMANDS := $(sort $(wildcard src/*.c src/commands/*.c src/commands/*/*.c))
SCIENCE  := $(filter-out $(KERNELS) $(COMMANDS),$(sort $(wildcard src/*/*.c src/*/*/*.c)))
IO       := $(sort $(wildcard io/*/*.c))
MPI      := $(sort $(wildcard mpi/*.c))
TESTS    := $(sort $(wildcard tests/unit/test_*.c))
MPITESTS := $(sort $(wildcard tests/ranks/mpi_*.c))
HEADERS  := $(filter-out tests/oracle/%,$(sort $(wildcard src/*/*.h src/*/*/*.h io/*/*.h mpi/*.h tests/*/*.h)))
ISAS     := portable
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
ISAS     += avx2 avx512
endif
ISA_portable :=
ISA_avx2     := -mavx2 -mfma -mbmi2 -mtune=haswell
ISA_avx512   := -mavx512f -mavx512vl -mavx512bw -mavx512dq -mfma -mbmi2 -mtune=skylake-avx512

# Made from a schema: the reader of ONNX's messages.
SCHEMAS  := $(wildcard io/*/*.proto)
MADE_C   := $(SCHEMAS:%.proto=$(BUILD)/made/%.pb-c.c)

LIBRARY_OBJECTS := $(SCIENCE:%.c=$(BUILD)/%.o) $(IO:%.c=$(BUILD)/%.o) $(MPI:%.c=$(BUILD)/%.o) $(MADE_C:%.c=%.o) \
                   $(foreach isa,$(ISAS),$(KERNELS:%.c=$(BUILD)/%.$(isa).o))
PROGRAM_OBJECTS := $(COMMANDS:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/libmutagree.a
PROGRAM := $(BUILD)/mutagree
TEST_PROGRAMS := $(TESTS:%.c=$(BUILD)/%) $(MPITESTS:%.c=$(BUILD)/%)
TEST_TOOLS    := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/tools/compare_*.c tests/tools/change_*.c tests/tools/damage_*.c)) \
                 $(BUILD)/tests/tools/slow_disk.so
COMMAND_NAMES := $(sort $(basename $(notdir $(wildcard src/commands/*.c))) \
                 $(notdir $(patsubst %/,%,$(dir $(wildcard src/commands/*/*.c)))))
MANUAL := $(BUILD)/man/mutagree.1 $(COMMAND_NAMES:%=$(BUILD)/man/mutagree-%.1)
ALL_C  := $(COMMANDS) $(SCIENCE) $(KERNELS) $(IO) $(MPI) $(sort $(wildcard tests/*/*.c docs/*.c))
ifneq ($(findstring address,$(SANITIZE)),)
SANITIZER_OBJECTS := $(BUILD)/tests/tools/nodlclose.o
endif

.PHONY: all libraries objects test-programs check check-mpi check-san fuzz damage demo bench format format-check tidy layers docs \
        info install uninstall clean help deps FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAM) ## build the program

libraries:
	@test -z '$(MISSING)' || { echo 'missing: $(MISSING)  (make deps installs what is missing)' >&2; false; }

# A short line a command, or with V=1 the command itself.
Q   := $(if $(strip $(V)),,@)
say  = $(if $(strip $(V)),,@printf '  %-5s %s\n' $(1) $(2))

# --- rules ----------------------------------------------------------------------------------------------------------
$(BUILD)/%.o: %.c | libraries
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/made/%.pb-c.c $(BUILD)/made/%.pb-c.h &: %.proto | libraries
	@mkdir -p $(@D)
	$(call say,PROTO,$<)
	$(Q)protoc-c --c_out=$(BUILD)/made $<

# Not our code, so not our warnings.
$(BUILD)/made/%.o: $(BUILD)/made/%.c
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(filter-out -W%,$(CFLAGS)) -c -o $@ $<

$(IO:%.c=$(BUILD)/%.o): | $(MADE_C)

define KERNEL_RULE
$(BUILD)/%.$(1).o: %.c | libraries
	@mkdir -p $$(@D)
	$$(call say,CC,'$$< ($(1))')
	$$(Q)$$(CC) $$(CPPFLAGS) $$(CFLAGS) -Wno-pass-failed -ffp-contract=fast $$(ISA_$(1)) -DMG_ISA=$(1) -c -o $$@ $$<
endef
$(foreach isa,$(ISAS),$(eval $(call KERNEL_RULE,$(isa))))

# Sorting and ranking are loops of a few instructions: a tenth of the time of agreement.
$(BUILD)/src/faithfulness/%.o $(BUILD)/src/statistics/%.o: CFLAGS += -funroll-loops

# The revision goes into one object, so a commit rebuilds one file.
$(BUILD)/src/core/version.o: CPPFLAGS += -DMG_VERSION='"$(VERSION)"' -DMG_REVISION='"$(REVISION)"' \
    -DMG_CFLAGS='"$(OPT) $(SANITIZE)"' -DMG_DATADIR='"$(PREFIX)/share/mutagree"'
$(BUILD)/src/core/version.o: $(BUILD)/revision
$(BUILD)/revision: FORCE
	@mkdir -p $(@D); echo '$(VERSION) $(REVISION) $(OPT) $(SANITIZE) $(PREFIX)' | cmp -s - $@ || \
	    echo '$(VERSION) $(REVISION) $(OPT) $(SANITIZE) $(PREFIX)' > $@

$(LIBRARY): $(LIBRARY_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIBRARY_OBJECTS)

$(PROGRAM): $(PROGRAM_OBJECTS) $(LIBRARY) $(SANITIZER_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(PROGRAM_OBJECTS) $(SANITIZER_OBJECTS) $(LIBRARY) $(LDLIBS)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIBRARY) $(SANITIZER_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(SANITIZER_OBJECTS) $(LIBRARY) $(LDLIBS) -lcmocka

$(BUILD)/tests/tools/slow_disk.so: tests/tools/slow_disk.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -fPIC -shared -o $@ $<

# What this test counts are the calls of our own objects.
$(BUILD)/tests/unit/test_allocation: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=free

test-programs: $(TEST_PROGRAMS) $(TEST_TOOLS)

objects: $(PROGRAM_OBJECTS) $(LIBRARY_OBJECTS) ## compile everything, link nothing (for a second compiler's warnings)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# --- what is missing ------------------------------------------------------------------------------------------------
check check-mpi check-san: FOR = tests
deps: ## install what is missing (Debian, Ubuntu), or say what to install
	@environment/install.sh $(FOR)

# Targets that begin with deps read this file anew afterwards, because it asks pkg-config when it is read. They use all
# cores unless told otherwise (make -j).
AGAIN = @$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

# --- tests ----------------------------------------------------------------------------------------------------------
check: deps ## build and run all tests; SEARCH=word picks some
	$(AGAIN) all test-programs $(FILE_FORMAT)
	@BUILD=$(BUILD) SEARCH=$(SEARCH) tests/run

check-mpi: deps ## only the tests for several ranks
	$(AGAIN) $(MPITESTS:%.c=$(BUILD)/%)
	@BUILD=$(BUILD) SEARCH=$(SEARCH) tests/run $(MPITESTS:%.c=$(BUILD)/%)

# Unit tests, tests for several ranks and of the whole program: scans and what comes of them (report and page, figures,
# export, score, predict); not those that compare whole runs (i07, i09), which take long and run the code of i06 and i08.
# (Not detect_stack_use_after_return: gcc 12 then puts vectors of 64 bytes on unaligned addresses.)
SAN       := $(BUILD)/san
SAN_FLAGS := OPT='-O2 -g' SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer'
SAN_TESTS := $(TEST_PROGRAMS:$(BUILD)/%=$(SAN)/%) $(filter-out tests/program/i07% tests/program/i09%,$(sort $(wildcard tests/program/i0*.sh))) \
             $(sort $(wildcard tests/program/i14-*.sh tests/program/i2[2-5]-*.sh))
check-san: deps ## all but the frame's tests under the address, leak and undefined-behaviour sanitizers
	$(AGAIN) BUILD=$(SAN) $(SAN_FLAGS) all test-programs
	@ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 \
	    LSAN_OPTIONS=suppressions=$(CURDIR)/tests/tools/lsan.supp:print_suppressions=0 \
	    $(SAN_FLAGS) TEST_TIMEOUT=900 RANKS='1 3' BUILD=$(SAN) SEARCH=$(SEARCH) tests/run $(SAN_TESTS)

# Readers of model files under libFuzzer: RUNS inputs each of at most MAX_LEN bytes, begun from tests/fuzz/corpus and the small models
# of tests/data; OPT, when it is given, says how they are built. Not in .ci/run.
RUNS    ?= 20000
MAX_LEN ?= 65536
FUZZ      := $(BUILD)/fuzz
FUZZERS   := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_OPT   = $(if $(filter command,$(origin OPT)),$(OPT),-O1 -g)
FUZZ_MAKE  = BUILD=$(FUZZ) CC=clang OPT='$(FUZZ_OPT)' SANITIZE='-fsanitize=fuzzer-no-link,address,undefined'
fuzz: ## readers of model files under libFuzzer (clang); RUNS=N inputs each, MAX_LEN=bytes
	$(AGAIN) $(FUZZ_MAKE) $(FUZZERS:%=$(FUZZ)/tests/fuzz/%)
	@for f in $(FUZZERS:fuzz_%=%); do mkdir -p $(FUZZ)/corpus/$$f; \
	    [ $$f != onnx ] || cp tests/data/onnx/*.onnx $(FUZZ)/corpus/onnx; \
	    echo "fuzz $$f"; $(FUZZ)/tests/fuzz/fuzz_$$f -runs=$(RUNS) -rss_limit_mb=2048 -timeout=20 -max_len=$(MAX_LEN) -print_final_stats=1 \
	    -artifact_prefix=$(FUZZ)/$$f- $(FUZZ)/corpus/$$f $$( [ -d tests/fuzz/corpus/$$f ] && echo tests/fuzz/corpus/$$f ) >$(FUZZ)/$$f.log 2>&1 || { tail -40 $(FUZZ)/$$f.log; exit 1; }; \
	    grep -E 'stat::(number_of_executed_units|peak_rss_mb)' $(FUZZ)/$$f.log; done

# Damaged HDF5 containers through the child that reads them: files of Keras, a model, a run of the example and its shards. TURNS=N
# of them, from number FROM on. Not in .ci/run, but for a few (tests/program/i27-damage.sh).
TURNS ?= 2000
FROM  ?= 1
DAMAGED = $(BUILD)/damaged
damage: all $(BUILD)/tests/tools/damage_h5 ## damaged HDF5 files through the child reader; TURNS=N of them
	@rm -rf $(DAMAGED) && mkdir -p $(DAMAGED)
	@$(PROGRAM) scan --transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz --candidates annotated \
	    --shard-size 8 --layout virtual --bootstrap 20 --threads 1 --quiet --out $(DAMAGED)/run.h5
	@$(BUILD)/tests/tools/damage_h5 $(TURNS) $(FROM) tests/data/keras/*.h5 share/models/tis-human.h5 $(DAMAGED)/run.h5 \
	    $$(find $(DAMAGED)/run.h5.shards -name 'shard-*.h5' | sort | head -3)

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(LIBRARY) $(LDLIBS)

# An include that points back makes a room untestable alone. Which room may include which: docs/rooms.txt.
layers: ## fail when an include is not in docs/rooms.txt
	@docs/layers.sh

# --- the main job on example data -----------------------------------------------------------------------------------
demo: deps ## run the main job on the example data, on RANKS ranks
	$(AGAIN) all
	@mkdir -p demo
	@$(PROGRAM) --version | awk '/^(MPI|HDF5|GSL|htslib) / { $$1 = $$1; sub(/^MPI /, ""); n = n (n ? ", " : "environment: ") $$0 } END { print n }'
	@. environment/env.sh; export MUTAGREE_SHARE=share OMP_NUM_THREADS=1; mpirun -n $(RANKS) $(PROGRAM) scan \
	    --transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz --store hypothetical --out demo/run.h5 --force
	@MUTAGREE_SHARE=share $(PROGRAM) report demo/run.h5 -o demo --force >demo/report.txt
	@echo; echo 'wrote demo/run.h5, demo/report.html and its tables. Look at the run again with:  $(PROGRAM) report demo/run.h5'
	@echo 'What the numbers mean: docs/user-guide.md. Your own data on a cluster: jobs/README.md.'
	@echo 'next: open demo/report.html in a browser'

bench: deps ## measure the speed of this machine; JSON=file keeps the numbers
	$(AGAIN) all
	@. environment/env.sh; MUTAGREE_SHARE=share $(PROGRAM) bench $(if $(JSON),--json $(JSON) --force)

# --- care of the source ---------------------------------------------------------------------------------------------
format: ## lay out all source by .clang-format
	clang-format -i $(ALL_C) $(HEADERS)

format-check:
	clang-format --dry-run -Werror $(ALL_C) $(HEADERS)

tidy: ## look for mistakes with clang-tidy (.clang-tidy); FILES=... for some files
	@clang-tidy --quiet $(or $(FILES),$(COMMANDS) $(SCIENCE) $(IO) $(MPI)) -- -std=c11 -D_GNU_SOURCE -I. $(PKG_CFLAGS) \
	    $(shell mpicc --showme:compile 2>/dev/null) -fopenmp -DMG_VERSION='""' -DMG_REVISION='""' -DMG_CFLAGS='""' \
	    -DMG_DATADIR='""'

# --- documents ------------------------------------------------------------------------------------------------------
docs: $(MANUAL) docs/file-format.md ## make docs/file-format.md and the manual pages from the program's own tables

FILE_FORMAT := $(BUILD)/docs/file_format
$(FILE_FORMAT): $(BUILD)/docs/file_format.o $(LIBRARY) $(SANITIZER_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(SANITIZER_OBJECTS) $(LIBRARY) $(LDLIBS)

docs/file-format.md: $(FILE_FORMAT)
	$(FILE_FORMAT) >$@.part
	mv $@.part $@

$(BUILD)/man/%.1: $(PROGRAM) docs/man.sh
	@mkdir -p $(@D)
	docs/man.sh $(PROGRAM) $* >$@

info: ## what this Makefile found
	@echo 'compiler   $(CC): $(shell $(CC) --version 2>/dev/null | head -n 1)'
	@echo 'MPI        $(shell mpicc --showme:version 2>/dev/null || echo missing)'
	@$(foreach p,$(PACKAGES),printf '%-10s %s\n' '$(p)' "$$(pkg-config --modversion $(p) 2>/dev/null || echo missing)";)
	@echo 'cmocka     $(shell pkg-config --modversion cmocka 2>/dev/null || echo missing) (tests only)'
	@echo 'kernels    $(ISAS)'
	@echo 'flags      $(OPT) $(SANITIZE)'
	@echo 'version    $(VERSION) $(REVISION)'
	@echo 'prefix     $(DESTDIR)$(PREFIX)'

# --- install --------------------------------------------------------------------------------------------------------
SHARED := $(shell find share docs jobs environment -type f 2>/dev/null)
PLACES  = bin/mutagree share/mutagree share/doc/mutagree $(MANUAL:$(BUILD)/man/%=share/man/man1/%)

install: $(PROGRAM) $(MANUAL) ## install to DESTDIR/PREFIX
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/mutagree
	for f in $(patsubst share/%,%,$(filter share/%,$(SHARED))); do \
	    install -D -m 644 share/$$f $(DESTDIR)$(PREFIX)/share/mutagree/$$f || exit 1; done
	for f in $(filter jobs/%,$(SHARED)); do \
	    install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/mutagree/$$f || exit 1; done
	for f in $(patsubst docs/%,%,$(filter docs/%.md docs/%.png,$(SHARED))); do \
	    install -D -m 644 docs/$$f $(DESTDIR)$(PREFIX)/share/doc/mutagree/$$f || exit 1; done
	install -m 644 LICENSE CHANGELOG.md $(wildcard README.md) $(DESTDIR)$(PREFIX)/share/doc/mutagree
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(MANUAL) $(DESTDIR)$(PREFIX)/share/man/man1

uninstall: ## take away what install put there
	rm -rf $(PLACES:%=$(DESTDIR)$(PREFIX)/%)

clean: ## remove what was built, and the demo's results
	rm -rf $(BUILD) demo

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile
	@echo 'Variables: CC OPT SANITIZE BUILD PREFIX DESTDIR RANKS SEARCH (see the first lines of the Makefile)'
