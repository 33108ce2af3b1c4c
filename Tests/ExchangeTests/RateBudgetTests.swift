import Exchange
import Market
import Testing

struct RateBudgetTests {
    private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test func `others use four fifths, cancels all of a budget, until its window turns`() {
        var budget = RateBudget([BudgetLimit("weight", units: 10, .window(.seconds(60)))])
        let one = [BudgetCharge("weight", 1)]
        for _ in 0..<8 { #expect(budget.admit(one, now: time(30_000)) == .now) }
        #expect(budget.admit(one, now: time(30_000)) == .wait(until: time(61_000)))
        for _ in 0..<2 { #expect(budget.admit(one, isCancel: true, now: time(30_000)) == .now) }
        #expect(budget.admit(one, isCancel: true, now: time(30_000)) == .wait(until: time(61_000)))
        #expect(budget.admit(one, now: time(61_000)) == .now)
    }

    @Test func `what never fits is told, what no limit names is not barred`() {
        var budget = RateBudget([BudgetLimit("weight", units: 10, .window(.seconds(60)))])
        #expect(budget.admit([BudgetCharge("weight", 9)], now: time(0)) == .never(budget: "weight"))
        #expect(budget.admit([BudgetCharge("weight", 5), BudgetCharge("weight", 4)], now: time(0)) == .never(budget: "weight"))
        #expect(budget.admit([BudgetCharge("other", 1_000_000)], now: time(0)) == .now)
        #expect(!budget.knows("other"))
    }

    @Test func `headers raise the count, also beyond our own, and a new window begins without them`() {
        var budget = RateBudget([BudgetLimit("weight", units: 100, .window(.seconds(60)))])
        #expect(budget.admit([BudgetCharge("weight", 10)], now: time(10_000)) == .now)
        budget.correct([BudgetUsage("weight", units: 75)], sent: time(10_000), now: time(10_100))
        #expect(budget.admit([BudgetCharge("weight", 6)], now: time(11_000)) == .wait(until: time(61_000)))
        #expect(budget.admit([BudgetCharge("weight", 5)], now: time(11_000)) == .now)
        // A smaller number in the same window may be older than what we know.
        budget.correct([BudgetUsage("weight", units: 1)], sent: time(11_000), now: time(12_000))
        #expect(budget.state(now: time(12_000)).map(\.used) == [80_000])
        // An answer from around the turn holds only until one that is surely of the new window.
        budget.correct([BudgetUsage("weight", units: 80)], sent: time(59_500), now: time(60_200))
        #expect(budget.admit([BudgetCharge("weight", 1)], now: time(62_000)) == .wait(until: time(121_000)))
        budget.correct([BudgetUsage("weight", units: 2)], sent: time(62_000), now: time(62_100))
        #expect(budget.admit([BudgetCharge("weight", 70)], now: time(62_200)) == .now)
    }

    @Test func `a decaying budget is one for each key and refills steadily`() {
        var budget = RateBudget([BudgetLimit("trading:*", units: 60, .decay(milliunitsPerSecond: 1000))])
        #expect(budget.admit([BudgetCharge("trading:A", 40)], now: time(0)) == .now)
        #expect(budget.admit([BudgetCharge("trading:B", 40)], now: time(0)) == .now)
        // Of 60 one is for requests that arrive closer together than they were sent; four fifths of the rest are 47.2.
        #expect(budget.admit([BudgetCharge("trading:A", 10)], now: time(0)) == .wait(until: time(2800)))
        #expect(budget.admit([BudgetCharge("trading:A", 10)], now: time(2800)) == .now)
        #expect(budget.admit([BudgetCharge("trading:A", 8)], isCancel: true, now: time(2800)) == .now)
    }

    @Test func `refusals close everything, longer each time, and an answer ends the series`() {
        var budget = RateBudget([BudgetLimit("weight", units: 100, .window(.seconds(60)))])
        let one = [BudgetCharge("weight", 1)]
        budget.refused(isBan: false, retryAfter: nil, now: time(0))
        #expect(budget.admit(one, isCancel: true, now: time(999)) == .wait(until: time(1000)))
        budget.refused(isBan: false, retryAfter: nil, now: time(1000))
        #expect(budget.closed(now: time(1000)) == time(3000))
        budget.refused(isBan: false, retryAfter: .seconds(30), now: time(3000))
        #expect(budget.closed(now: time(3000)) == time(33_000))
        budget.answered()
        budget.refused(isBan: false, retryAfter: nil, now: time(40_000))
        #expect(budget.closed(now: time(40_000)) == time(41_000))
        budget.refused(isBan: true, retryAfter: .seconds(Int64.max), now: time(50_000))
        #expect(budget.closed(now: time(50_000)) == time(50_000 + 259_200_000))
    }

    @Test func `an exhausted budget leaves the fifth to cancels until one of them is refused, too`() {
        var budget = RateBudget([BudgetLimit("orders", units: 10, .window(.seconds(10)))])
        let one = [BudgetCharge("orders", 1)]
        budget.exhausted(one, isCancel: false, now: time(5000))
        #expect(budget.admit(one, now: time(5000)) == .wait(until: time(11_000)))
        #expect(budget.admit(one, isCancel: true, now: time(5000)) == .now)
        budget.exhausted(one, isCancel: true, now: time(5000))
        #expect(budget.admit(one, isCancel: true, now: time(5000)) == .wait(until: time(11_000)))
    }

    @Test func `numbers from a hostile venue never trap`() {
        var budget = RateBudget([
            BudgetLimit("a", units: .max, .window(.zero)), BudgetLimit("b", units: -1, .decay(milliunitsPerSecond: .min)),
            BudgetLimit("c:*", units: 5, .window(.seconds(Int64.max))),
        ])
        for units in [Int.min, -1, 0, 1, .max] {
            for now in [Int64.min / 4, -1, 0, 1, Int64.max / 4] {
                let usages = ["a", "b", "c:x"].map { BudgetUsage($0, units: units) }
                budget.correct(usages, sent: time(now), now: time(now))
                _ = budget.admit([BudgetCharge("a", 1), BudgetCharge("b", 1), BudgetCharge("c:x", 1)], now: time(now))
            }
        }
        #expect(budget.knows("c:anything"))
    }

    /// A venue that counts each request when it arrives, up to a slack before or after what we think.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func `the venue never counts more than its limit in any window, and cancels within their fifth always pass`(seed: UInt64) {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let length: Int64 = [1000, 10_000, 60_000][random.below(3)]
        let limit = 5 + random.below(50)
        var budget = RateBudget([BudgetLimit("weight", units: limit, .window(.milliseconds(length)))])
        let slack = min(1000, length / 4)
        var counted: [Int64: Int] = [:]
        var cancels: [Int64] = []
        var now: Int64 = 1_700_000_000_000
        for _ in 0..<20_000 {
            now += Int64(random.below(Int(length / 20)))
            let isCancel = random.chance(10)
            let cost = isCancel ? 1 : 1 + random.below(4)
            guard cost * 5 <= limit * 4 else { continue }
            let decision = budget.admit([BudgetCharge("weight", cost)], isCancel: isCancel, now: Timestamp(milliseconds: now))
            cancels.removeAll { $0 < now - length - 2 * slack }
            if isCancel, cancels.count + 1 <= limit / 5 { #expect(decision == .now) }
            guard decision == .now else { continue }
            if isCancel { cancels.append(now) }
            let arrival = now + Int64.random(in: -slack...slack, using: &random)
            counted[arrival / length, default: 0] += cost
            if random.chance(30), (now - slack) / length == (now + slack) / length {
                let usage = BudgetUsage("weight", units: counted[arrival / length] ?? 0)
                budget.correct([usage], sent: Timestamp(milliseconds: now), now: Timestamp(milliseconds: now))
            }
        }
        #expect(counted.count > 50)
        #expect(counted.values.allSatisfy { $0 <= limit })
    }

    @Test(arguments: [1, 2, 3, 4])
    func `a decaying counter of the venue never overflows, and cancels find room`(seed: UInt64) {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let limit = 15 + random.below(100)
        let rate = 330 + random.below(3000)
        var budget = RateBudget([BudgetLimit("calls", units: limit, .decay(milliunitsPerSecond: rate))])
        var arrivals: [(at: Int64, cost: Int)] = []
        var now: Int64 = 0
        for _ in 0..<5000 {
            now += Int64(random.below(1500))
            let cost = 1 + random.below(8)
            if budget.admit([BudgetCharge("calls", cost)], now: Timestamp(milliseconds: now)) == .now {
                arrivals.append((now + Int64(random.below(1000)), cost))
            }
            // Others may only fill four fifths, so that a cancel that costs less than the fifth always fits.
            if random.chance(1) {
                let small = max(1, limit / 5 - 3)
                #expect(budget.admit([BudgetCharge("calls", small)], isCancel: true, now: Timestamp(milliseconds: now)) == .now)
                arrivals.append((now + Int64(random.below(1000)), small))
                now += Int64(limit) * 1_000_000 / Int64(rate)
            }
        }
        var level = 0.0
        var last: Int64 = 0
        for (at, cost) in arrivals.sorted(by: { $0.at < $1.at }) {
            level = max(0, level - Double(at - last) * Double(rate) / 1_000_000) + Double(cost)
            last = at
            #expect(level <= Double(limit) + 1e-6)
        }
    }
}
