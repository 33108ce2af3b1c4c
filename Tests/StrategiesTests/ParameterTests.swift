import Strategies
import Testing

@Suite struct ParameterTests {
    static let declared: [Parameter] = [
        .integer("slow", default: 36, in: 20...60),
        .integer("fast", default: 12, in: 3...30, step: 3),
        .decimal("threshold", default: 0.02, in: 0.1e-1...0.1, step: 0.005, space: .sell),
        .categorical("average", default: "ema", options: ["ema", "sma"]),
        .boolean("trailing", default: false),
    ]

    @Test func `defaults are the values where nothing is given, in the order of names`() {
        let values = ParameterValues(defaultsOf: Self.declared)
        #expect(values.description == "average=ema fast=12 slow=36 threshold=0.02 trailing=false")
        #expect(values.integer("slow") == 36)
        #expect(values.decimal("threshold") == 0.02)
        #expect(values.option("average") == "ema")
        #expect(!values.boolean("trailing"))
        #expect(values["nothing"] == nil)
    }

    @Test func `values are equal whatever the order in which they were given`() throws {
        let one = try ParameterValues(parsing: ["fast=9", " slow = 40", "trailing=true"], of: Self.declared)
        let two = try ParameterValues(
            [("trailing", .boolean(true)), ("slow", .decimal(40)), ("fast", .integer(9))], of: Self.declared.reversed())
        #expect(one == two)
        #expect(one.hashValue == two.hashValue)
        #expect(one.description == "average=ema fast=9 slow=40 threshold=0.02 trailing=true")
    }
}
