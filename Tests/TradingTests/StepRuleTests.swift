import Foundation
import Market
import Testing

@testable import Trading

@Suite("Steps of prices and amounts")
struct StepRuleTests {
    @Test func `amounts, prices and stops are rounded as freqtrade does it`() throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/money/rounding.csv")
        var compared = 0
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            let fields = line.split(separator: ",").map(String.init)
            guard ["amount", "nearest", "up", "down"].contains(fields[0]) else { continue }
            let mode = try #require(Int(fields[1]).flatMap { Instrument.PrecisionMode(rawValue: $0) })
            let rule = StepRule(mode: mode, value: Double(fields[2]))
            let value = try #require(Double(fields[3]))
            let result =
                switch fields[0] {
                case "amount": rule.truncated(value)
                case "nearest": rule.nearest(value)
                case "up": rule.stop(value, .up)
                default: rule.stop(value, .down)
                }
            #expect(result == Double(fields[4]), "\(line)")
            compared += 1
        }
        print("step fixtures: \(compared) results compared")
        #expect(compared > 3000)
    }

    @Test func `a price half way between two ticks goes away from zero`() {
        let rule = StepRule(mode: .tickSize, value: 0.01)
        #expect(rule.nearest(1.005) == 1.01)
        #expect(rule.nearest(1.0049999) == 1)
        #expect(rule.nearest(-1.005) == -1.01)
    }

    @Test func `without a step nothing is rounded`() {
        #expect(StepRule.none.truncated(1.23456789) == 1.23456789)
        #expect(StepRule.none.nearest(1.23456789) == 1.23456789)
        #expect(StepRule.none.stop(1.23456789, .up) == 1.23456789)
    }

    @Test func `numbers that are none stay as they are`() {
        let rule = StepRule(mode: .tickSize, value: 0.01)
        #expect(rule.nearest(.nan).isNaN)
        #expect(rule.truncated(.infinity) == .infinity)
        #expect(rule.stop(-.infinity, .down) == -.infinity)
    }
}
