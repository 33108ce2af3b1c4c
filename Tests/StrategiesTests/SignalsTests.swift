import Strategies
import Testing

@Suite struct SignalsTests {
    @Test func `a condition sets the flag of its rows, and tags only where one is given`() {
        var signals = Signals(count: 6)
        signals.exitLong { $0 == 2 }
        #expect(signals.exitTags.isEmpty)
        #expect(signals.enterTags.isEmpty)
        signals.enterLong(tag: "even") { $0 % 2 == 0 }
        signals.enterLong(tag: "last") { $0 >= 4 }
        signals.enterShort { $0 == 1 }
        signals.exitShort(tag: "out") { $0 == 0 }
        #expect(
            signals.flags == [
                [.enterLong, .exitShort], .enterShort, [.enterLong, .exitLong], [], .enterLong, .enterLong,
            ])
        #expect(signals.enterTags.map { signals.tagNames[Int($0)] } == ["even", "", "even", "", "last", "last"])
        #expect(signals.exitTags.map { signals.tagNames[Int($0)] } == ["out", "", "", "", "", ""])
        #expect(signals.tagNames == ["", "even", "last", "out"])
    }
}
