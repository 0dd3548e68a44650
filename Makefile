# `make` alone shows what there is to do.

VERSION := $(shell sed -n 's:.*<revision>\(.*\)</revision>.*:\1:p' pom.xml)
PG_CONFIG ?= pg_config
JDK = $(shell packaging/find-jdk)
LIBJVM ?= $(JDK)/lib/server/libjvm.so
MVN = JAVA_HOME="$(JDK)" mvn -B -ntp -Dstyle.color=never -Dpg_config="$(PG_CONFIG)" -Dlibjvm="$(LIBJVM)"
export PG_CONFIG

.PHONY: help
help:  ## Show this list
	@echo "pg_net $(VERSION): asynchronous HTTP from SQL"
	@echo
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'
	@echo
	@echo "  PG_CONFIG=/path/to/pg_config chooses the PostgreSQL, LIBJVM=/path/to/libjvm.so the Java of its worker."

# ---- try and test

.PHONY: demo demo-stop
demo: build  ## A throwaway cluster with pg_net at work; needs nothing, leaves the system as it is
	@docs/demo/start

demo-stop:  ## Stop and remove what the demo left running
	@docs/demo/stop

# TEST names a class or Class#method; integration tests end in IT. CHECK_FORMAT= leaves the formatting alone: formatters of
# other releases judge otherwise.
CHECK_FORMAT = check-format
# For the tests of the page and of the files for Prometheus, which are skipped without them.
BROWSER = chromium chromium-driver prometheus
HASH := \#
TEST_CLASS = $(firstword $(subst $(HASH), ,$(TEST)))
.PHONY: test
test: $(if $(TEST),,$(CHECK_FORMAT)) target/settings  ## All tests; one with TEST=Class or TEST=Class#method
ifeq ($(TEST),)
	$(MVN) verify
	@touch target/built
	@.ci/test-summary
else
	@touch target/test-start
	$(MVN) verify $(if $(filter %IT,$(TEST_CLASS)),\
	    -DskipUnitTests -Dit.test='$(TEST)' -Dfailsafe.failIfNoSpecifiedTests=false,\
	    -DskipITs -Dtest='$(TEST)' -Dsurefire.failIfNoSpecifiedTests=false)
	@find pgnet-*/target/*-reports -name '*.txt' -newer target/test-start | grep -q . || { \
	    echo "There is no test $(TEST)" >&2; exit 1; }
endif

# The same seed gives the same faults in the same order; the moments are the machine's.
SEED ?= $(shell od -An -N3 -tu4 /dev/urandom | tr -d ' ')
MINUTES ?= 10
RESULT = pgnet-jni/target/torture-result.txt
.PHONY: torture
torture:  ## Faults under load for a time: SEED=n MINUTES=m; nothing committed may be lost
	@rm -f $(RESULT)
	@$(MAKE) --no-print-directory test TEST=TortureIT \
	    MVN='$(MVN) -Dtorture.seed=$(SEED) -Dtorture.minutes=$(MINUTES)'; \
	    status=$$?; cat $(RESULT); exit $$status

.PHONY: soak
soak: target/settings  ## Good and failing requests for MINUTES=m: the worker must not grow
	$(MVN) verify -q -DskipUnitTests -Dit.test=SoakIT -Dsoak.minutes=$(MINUTES) -Dfailsafe.failIfNoSpecifiedTests=false

.PHONY: matrix
matrix:  ## All tests with each PostgreSQL and Java that is supported; one with ON=trixie-17-25
	@.ci/matrix $(ON)

# ---- measure

.PHONY: bench
# ROW=name measures one part, QUICK=1 checks in one small round that all of it works.
bench: build  ## How fast it is beside what bounds it, into docs/benchmarks.md
	@$(MVN) -q -P bench -pl bench -am package -DskipUnitTests
	@"$(JDK)/bin/java" -cp 'bench/target/jars/*' -Drow='$(ROW)' -Dquick=$(if $(QUICK),true,false) org.pgnet.bench.Bench

# ---- read

.PHONY: site
site:  ## The documentation as pages to read in a browser, with search, into target/site
	@packaging/install-packages python3-sphinx python3-myst-parser furo
	@docs/site/build

# ---- build

# What of the surroundings goes into the built files: when it changes, the C code is built anew.
target/settings: FORCE | packages
	@mkdir -p target
	@echo '$(VERSION) $(LIBJVM)' "$$($(PG_CONFIG) --version) $$($(PG_CONFIG) --includedir-server)" > $@.new
	@cmp -s $@.new $@ || { rm -rf pgnet-jni/target/native; cp $@.new $@; }
	@rm $@.new

.PHONY: FORCE
FORCE:

SOURCES := $(shell find pom.xml pgnet-*/pom.xml pgnet-*/src/main pgnet-*/src/build pgnet-sql/pg_net.sql \
    packaging/jars packaging/jvm-options packaging/archive-command -type f)
target/built: $(SOURCES) target/settings
	@echo "-- Building with Maven, which downloads what it needs the first time"
	@$(MVN) -q package -Dmaven.test.skip=true
	@touch $@

.PHONY: build all packages
build: target/built  ## Compile everything

# As clients of PGXN call it.
all: build

packages:  ## Install what is missing of Debian's packages
	@packaging/install-packages $(if $(CHECK_FORMAT),$(if $(filter test check-format format,$(MAKECMDGOALS)),clang-format)) \
	    $(if $(filter test,$(MAKECMDGOALS)),$(BROWSER)) \
	    $(if $(filter bench,$(MAKECMDGOALS)),nginx libnginx-mod-http-echo wrk)

.PHONY: clean
clean:  ## Remove what was built
	@docs/demo/stop >/dev/null
	rm -rf target pgnet-*/target bench/target

.PHONY: format check-format
format: | packages  ## Format Java and C sources
	$(MVN) -q -P bench,docker spotless:apply
	@.ci/format-c

check-format: | packages  ## Say which sources are not formatted
	$(MVN) -q -P bench,docker spotless:check
	@.ci/format-c --check

# ---- containers

.PHONY: docker
docker: | packages  ## Build the container image and the Debian package, and test both; PG_MAJOR=17, 15 or 18
	@docker/try $(or $(PG_MAJOR),17) "$(VERSION)"

# ---- install

PKGLIBDIR = $(DESTDIR)$(shell $(PG_CONFIG) --pkglibdir)
EXTENSIONDIR = $(DESTDIR)$(shell $(PG_CONFIG) --sharedir)/extension
PLJAVADIR = $(DESTDIR)$(shell $(PG_CONFIG) --sharedir)/pg_net
DOCDIR = $(DESTDIR)$(shell $(PG_CONFIG) --docdir)/extension
# The last version of the C extension, which there is a way back to. From the others one file goes forward, under its names.
BACK := $(shell tail -n 1 pgnet-sql/versions)
OLDER := $(filter-out $(BACK),$(shell grep '^[0-9]' pgnet-sql/versions))
JARS := $(shell grep '^[a-z]' packaging/jars)
JNA_PLATFORM = linux-$(subst x86_64,x86-64,$(shell uname -m))
JAVA = $(abspath $(dir $(LIBJVM))../../bin/java)

.PHONY: install install-files uninstall
install: build  ## Install into the PostgreSQL of PG_CONFIG
	@$(MAKE) --no-print-directory install-files
	@$(if $(DESTDIR),:,echo "Next, the lines that the server's configuration needs: make install-config")

# Of the server that CONFIG=/path/to/postgresql.conf names, else of Debian's cluster; DATABASE=a,b says which databases are served.
.PHONY: install-config uninstall-config
install-config:  ## Add to postgresql.conf what it lacks: CONFIG=file, DATABASE=names
	@CONFIG="$(CONFIG)" DATABASE="$(DATABASE)" packaging/server-config add

uninstall-config:  ## Take these lines away again
	@CONFIG="$(CONFIG)" packaging/server-config remove

# Copies what is built; neither builds nor downloads. The tests of the modules before pgnet-pljava install without it.
PLJAVA_JAR = pgnet-pljava/target/pgnet-pljava.jar
install-files:
	@test -e pgnet-jni/target/native/pg_net.so || { echo "Nothing is built yet: make build" >&2; exit 1; }
	@packaging/keep-replaced "$(PKGLIBDIR)" "$(EXTENSIONDIR)"
	install -d "$(PKGLIBDIR)/pg_net" "$(EXTENSIONDIR)" "$(DOCDIR)"
	install -m 755 pgnet-jni/target/native/pg_net.so "$(PKGLIBDIR)/"
	install -m 755 pgnet-curl/target/native/libpgnet_curl.so "$(PKGLIBDIR)/pg_net/"
	install -m 755 pgnet-jni/target/jna/com/sun/jna/$(JNA_PLATFORM)/libjnidispatch.so "$(PKGLIBDIR)/pg_net/"
	install -m 644 $(JARS:%=pgnet-jni/target/jars/%.jar) "$(PKGLIBDIR)/pg_net/"
	sed 's/@VERSION@/$(VERSION)/' pgnet-sql/pg_net.control.in > "$(EXTENSIONDIR)/pg_net.control"
	chmod 644 "$(EXTENSIONDIR)/pg_net.control"
	install -m 644 pgnet-sql/pg_net.sql "$(EXTENSIONDIR)/pg_net--$(VERSION).sql"
	packaging/update-script > "$(EXTENSIONDIR)/pg_net--$(BACK)--$(VERSION).sql"
	install -m 644 pgnet-sql/back.sql "$(EXTENSIONDIR)/pg_net--$(VERSION)--$(BACK).sql"
	@chmod 644 "$(EXTENSIONDIR)/pg_net--$(BACK)--$(VERSION).sql"
	@for version in $(OLDER); do \
	    ln -sf "pg_net--$(BACK)--$(VERSION).sql" "$(EXTENSIONDIR)/pg_net--$$version--$(VERSION).sql"; done
	install -m 644 pgnet-sql/preflight.sql "$(DOCDIR)/pg_net-preflight.sql"
	$(if $(wildcard $(PLJAVA_JAR)),install -D -m 644 $(PLJAVA_JAR) "$(PLJAVADIR)/pgnet-pljava.jar")
	@$(if $(DESTDIR),:,packaging/archive-classes "$(JAVA)" "$(PKGLIBDIR)/pg_net")

# The command pgnet, which needs no PostgreSQL on its machine.
PREFIX ?= /usr/local
COMMANDDIR = $(DESTDIR)$(PREFIX)/lib/pgnet
.PHONY: install-command install-command-files uninstall-command
install-command: build  ## Install the command pgnet below PREFIX, /usr/local
	@$(MAKE) --no-print-directory install-command-files

install-command-files:
	install -D -m 644 pgnet-server/target/pgnet.jar "$(COMMANDDIR)/pgnet.jar"
	install -D -m 755 packaging/pgnet "$(DESTDIR)$(PREFIX)/bin/pgnet"
	@$(if $(DESTDIR),:,packaging/archive-command "$(JAVA)" "$(COMMANDDIR)/pgnet.jar")

uninstall-command:  ## Remove it
	rm -f "$(DESTDIR)$(PREFIX)/bin/pgnet"
	rm -rf "$(COMMANDDIR)"

# ---- package

PACKAGE = target/pg_net-$(VERSION)-linux-$(shell uname -m).tar.gz
STAGE = $(abspath target/package)
.PHONY: package
package: build  ## target/pg_net-VERSION-linux-ARCH.tar.gz, with a list of what is in it (SBOM)
	@$(MVN) -q package -Dmaven.test.skip=true org.cyclonedx:cyclonedx-maven-plugin:makeBom
	@rm -rf $(STAGE)
	@$(MAKE) --no-print-directory install-files DESTDIR=$(STAGE)
	install -m 644 LICENSE "$(STAGE)$(shell $(PG_CONFIG) --pkglibdir)/pg_net/"
	install -m 644 pgnet-jni/target/pgnet-jni.cdx.json "$(STAGE)$(shell $(PG_CONFIG) --pkglibdir)/pg_net/pg_net.cdx.json"
	@cd $(STAGE) && tar --owner=0 --group=0 --sort=name --mtime=2026-01-01Z -cf - * | gzip -9n > "$(abspath $(PACKAGE))"
	@echo "$(PACKAGE): unpack it in / of a machine with $$($(PG_CONFIG) --version)"
	@$(if $(IS_DEBIAN),$(MAKE) --no-print-directory deb deb-command)

# Of PostgreSQL as Debian or the PostgreSQL project packages it. The worker's Java is a link that the package maintains: its path
# is in the library, which alone is compiled once more for it.
IS_DEBIAN = $(and $(shell command -v dpkg-deb),$(filter /usr/lib/postgresql/%,$(shell $(PG_CONFIG) --pkglibdir)))
DEB_STAGE = $(abspath target/deb)
DEB_NATIVE = $(abspath target/deb-native)
DEB_PKGLIBDIR = $(DEB_STAGE)$(shell $(PG_CONFIG) --pkglibdir)
.PHONY: deb
deb: build
	@rm -rf $(DEB_STAGE) $(DEB_NATIVE)
	@mkdir -p $(DEB_NATIVE)
	@$(MAKE) -s --no-print-directory -j2 -C $(DEB_NATIVE) -f "$(CURDIR)/pgnet-jni/src/main/c/Makefile" \
	    JAVA_HOME="$(JDK)" LIBJVM="$(shell $(PG_CONFIG) --pkglibdir)/pg_net/libjvm.so" VERSION=$(VERSION)
	@$(MAKE) -s --no-print-directory install-files DESTDIR=$(DEB_STAGE)
	@install -m 755 $(DEB_NATIVE)/pg_net.so "$(DEB_PKGLIBDIR)/"
	@! [ -e pgnet-jni/target/pgnet-jni.cdx.json ] || \
	    install -m 644 pgnet-jni/target/pgnet-jni.cdx.json "$(DEB_PKGLIBDIR)/pg_net/pg_net.cdx.json"
	@packaging/debian-package $(DEB_STAGE) $(VERSION)

# The command alone: make deb-command.
COMMAND_STAGE = $(abspath target/deb-command)
.PHONY: deb-command
deb-command: build
	@rm -rf $(COMMAND_STAGE)
	@$(MAKE) -s --no-print-directory install-command-files DESTDIR=$(COMMAND_STAGE) PREFIX=/usr
	@packaging/debian-command $(COMMAND_STAGE) $(VERSION)

.PHONY: apt-repository pgxn release release-files
apt-repository: package  ## target/apt-repository, a signed one of the Debian packages: KEY=fingerprint
	@packaging/install-packages apt-utils gpg gpg-agent
	@KEY="$(KEY)" SUITE="$(SUITE)" packaging/apt-repository $(VERSION)

pgxn:  ## target/pgnet-VERSION.zip, the sources as PGXN takes them
	@mkdir -p target
	@sed 's/@VERSION@/$(VERSION)/' packaging/META.json.in > target/META.json
	@git archive --format=zip --prefix=pgnet-$(VERSION)/ --add-file=target/META.json -o target/pgnet-$(VERSION).zip HEAD
	@echo "target/pgnet-$(VERSION).zip"

release-files: | packages
	@packaging/release-files $(VERSION)

release: | packages  ## Test, fill target/release, tag this version; DRY_RUN=1 neither tests nor tags
	@DRY_RUN="$(DRY_RUN)" packaging/release $(VERSION)

# The C extension's own scripts are not ours to remove, nor its library when it was installed again.
uninstall:  ## Remove what install put there, and put back what it replaced
	@! [ -e "$(PKGLIBDIR)/pg_net.so" ] || grep -q pgnet_worker_main "$(PKGLIBDIR)/pg_net.so" || { \
	    echo "$(PKGLIBDIR)/pg_net.so is not ours" >&2; exit 1; }
	rm -f "$(PKGLIBDIR)/pg_net.so" "$(EXTENSIONDIR)/pg_net.control" "$(DOCDIR)/pg_net-preflight.sql"
	rm -f "$(EXTENSIONDIR)/pg_net--$(VERSION).sql" "$(EXTENSIONDIR)"/pg_net--*--$(VERSION).sql \
	    "$(EXTENSIONDIR)"/pg_net--$(VERSION)--*.sql
	@packaging/give-back "$(PKGLIBDIR)" "$(EXTENSIONDIR)"
	rm -rf "$(PKGLIBDIR)/pg_net" "$(PLJAVADIR)"
