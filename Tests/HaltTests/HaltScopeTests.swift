import Halt
import Testing

@Suite struct HaltScopeTests {
    let job = HaltSubject(
        exchange: .named("binance"), account: .named("main"), strategy: .named("EmaCross"), job: .named("j1"))

    @Test func `a scope covers what is in it`() {
        for scope: HaltScope in [.fleet, .exchange("binance"), .account("main"), .strategy("EmaCross"), .job("j1")] {
            #expect(scope.covers(job))
        }
        for scope: HaltScope in [.exchange("kraken"), .account("other"), .strategy("Ema"), .job("j2")] {
            #expect(!scope.covers(job))
        }
    }

    @Test func `what is unknown counts as covered and what is absent does not`() {
        for scope: HaltScope in [.exchange("kraken"), .account("other"), .strategy("Ema"), .job("j2")] {
            #expect(scope.covers(.unknown))
            #expect(!scope.covers(.idle))
        }
        #expect(HaltScope.fleet.covers(.idle))
    }
}
