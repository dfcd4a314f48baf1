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

# --- libraries ------------------------------------------------------------------------------------------------------
PACKAGES   := hdf5-openmpi gsl htslib jansson libzip libmd
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
WARNINGS   := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
# No contraction outside the kernels and no fast-math anywhere: NaN checks stay, and bits do not depend on the compiler's mood.
CFLAGS     += -std=c11 -D_GNU_SOURCE $(WARNINGS) $(OPT) -fopenmp -ffp-contract=off -fno-math-errno $(SANITIZE)
CPPFLAGS   += -I. $(PKG_CFLAGS) -MMD -MP
LDLIBS     += $(PKG_LIBS) -lm
VERSION    := 0.1.0
REVISION   := $(shell git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)

# --- sources --------------------------------------------------------------------------------------------------------
SCIENCE  := $(sort $(wildcard src/*/*.c))
COMMANDS := $(sort $(wildcard src/*.c))
IO       := $(sort $(wildcard io/*.c))
MPI      := $(sort $(wildcard mpi/*.c))
TESTS    := $(sort $(wildcard tests/test_*.c))
MPITESTS := $(sort $(wildcard tests/mpi_*.c))
HEADERS  := $(sort $(wildcard src/*/*.h src/*.h io/*.h mpi/*.h tests/*.h))

# Kernels are compiled once for each instruction set and chosen when the program starts.
KERNELS  := $(sort $(wildcard src/*/kernels/*.c))
ISAS     := portable
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine)),)
ISAS     += avx2 avx512
endif
ISA_portable :=
ISA_avx2     := -mavx2 -mfma -mbmi2 -mtune=haswell
ISA_avx512   := -mavx512f -mavx512vl -mavx512bw -mavx512dq -mfma -mbmi2 -mtune=skylake-avx512

LIBRARY_OBJECTS := $(SCIENCE:%.c=$(BUILD)/%.o) $(IO:%.c=$(BUILD)/%.o) $(MPI:%.c=$(BUILD)/%.o) \
                   $(foreach isa,$(ISAS),$(KERNELS:%.c=$(BUILD)/%.$(isa).o))
PROGRAM_OBJECTS := $(COMMANDS:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/libmutagree.a
PROGRAM := $(BUILD)/mutagree
TEST_PROGRAMS := $(TESTS:%.c=$(BUILD)/%) $(MPITESTS:%.c=$(BUILD)/%)

.PHONY: all check check-mpi check-san demo bench format tidy layers docs info install configure clean help deps \
        test-programs FORCE
.DELETE_ON_ERROR:

all: $(PROGRAM) ## build the program

# --- rules ----------------------------------------------------------------------------------------------------------
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

define KERNEL_RULE
$(BUILD)/%.$(1).o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS) $$(CFLAGS) -ffp-contract=fast $$(ISA_$(1)) -DMG_ISA=$(1) -c -o $$@ $$<
endef
$(foreach isa,$(ISAS),$(eval $(call KERNEL_RULE,$(isa))))

# The revision goes into one object, so a commit rebuilds one file.
$(BUILD)/src/core/version.o: CPPFLAGS += -DMG_VERSION='"$(VERSION)"' -DMG_REVISION='"$(REVISION)"' \
    -DMG_CFLAGS='"$(OPT) $(SANITIZE)"' -DMG_DATADIR='"$(PREFIX)/share/mutagree"'
$(BUILD)/src/core/version.o: $(BUILD)/revision
$(BUILD)/revision: FORCE
	@mkdir -p $(@D); echo '$(VERSION) $(REVISION) $(OPT) $(SANITIZE) $(PREFIX)' | cmp -s - $@ || \
	    echo '$(VERSION) $(REVISION) $(OPT) $(SANITIZE) $(PREFIX)' > $@

$(LIBRARY): $(LIBRARY_OBJECTS)
	rm -f $@
	$(AR) rcs $@ $(LIBRARY_OBJECTS)

$(PROGRAM): $(PROGRAM_OBJECTS) $(LIBRARY)
	$(CC) $(CFLAGS) -o $@ $(PROGRAM_OBJECTS) $(LIBRARY) $(LDLIBS)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIBRARY)
	$(CC) $(CFLAGS) -o $@ $< $(LIBRARY) $(LDLIBS) -lcmocka

test-programs: $(TEST_PROGRAMS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
