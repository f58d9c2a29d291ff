# Lateen. `make demo` and `make test` need nothing prepared by hand; see README.md.
DEMO_PROGRAMS = iptables=iptables ip=iproute2 nsenter=util-linux setpriv=util-linux find=findutils curl=curl mvn=maven
TEST_PROGRAMS = $(DEMO_PROGRAMS) nft=nftables openssl=openssl python3=python3 ps=procps chromium=chromium \
  h2load=nghttp2-client nghttp=nghttp2-client nghttpd=nghttp2-server nginx=nginx wrk=wrk
BENCH_PROGRAMS = $(DEMO_PROGRAMS) haproxy=haproxy nginx=nginx wrk=wrk h2load=nghttp2-client nghttpd=nghttp2-server strace=strace python3=python3 openssl=openssl

# iptables is there, and not in every user's PATH.
export PATH := $(PATH):/usr/sbin:/sbin

.PHONY: build demo test bench soak clean format

build:
	@scripts/build

demo:
	@scripts/packages $(DEMO_PROGRAMS)
	@scripts/build
	@scripts/opa >/dev/null || true
	@bin/lateen demo $(if $(ONCE),--once) $(ARGS)

test:
	@scripts/test "$(TEST_PROGRAMS)"

bench:
	@scripts/packages $(BENCH_PROGRAMS)
	@scripts/build
	@bench/run $(ARGS)

# The long forms of the property, fuzz and fault tests; not part of `make test`.
soak:
	@scripts/packages $(TEST_PROGRAMS)
	@JAVA_HOME=$$(scripts/jdk25) mvn -B verify -Djqwik.tries.default=20000 -Dlateen.outage=60 -Dlateen.idle=10000 -Dlateen.restarts=200 -Dlateen.kills=10 -Dlateen.packets=10000 -Dlateen.load=3600 -Dlateen.fuzz=600

format:
	@JAVA_HOME=$$(scripts/jdk25) mvn -B -q spotless:apply

clean:
	@JAVA_HOME=$$(scripts/jdk25) mvn -B -q clean
	@rm -rf dist target
