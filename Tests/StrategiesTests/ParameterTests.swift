import Strategies
import Testing

@Suite struct ParameterTests {
    static let declared: [Parameter] = [
        .integer("slow", default: 36, in: 20...60),
        .integer("fast", default: 12, in: 3...30, step: 3),
        .decimal("threshold", default: 0.02, in: 0.01...0.1, step: 0.005, space: .sell),
        .categorical("average", default: "ema", options: ["ema", "sma"]),
        .boolean("trailing", default: false),
    ]

    // MARK: Values

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
        var three = ParameterValues(defaultsOf: Self.declared)
        #expect(three != one)
        try three.set("fast", to: .integer(9), of: Self.declared)
        try three.set("slow", to: .text("40.0"), of: Self.declared)
        try three.set("trailing", to: .text("True"), of: Self.declared)
        #expect(three == one)
    }

    static let refusals: [(String, ParameterError.Code, String?)] = [
        ("slow=61", ParameterError.Code.outOfRange, "parameter 'slow' is 61, expected a whole number from 20 to 60"),
        ("slow=20.5", .wrongType, "parameter 'slow' is '20.5', expected a whole number from 20 to 60"),
        ("slow=", .wrongType, "parameter 'slow' is '', expected a whole number from 20 to 60"),
        ("slow=9223372036854775808", .wrongType, nil),
        ("threshold=nan", .wrongType, "parameter 'threshold' is 'nan', expected a number from 0.01 to 0.1"),
        ("threshold=inf", .wrongType, nil),
        ("threshold=1e400", .wrongType, nil),
        ("threshold=0x1p-5", .wrongType, nil),
        ("slow=0x20", .wrongType, nil),
        ("threshold=0.11", .outOfRange, "parameter 'threshold' is 0.11, expected a number from 0.01 to 0.1"),
        ("average=eam", .unknownOption, "parameter 'average' is 'eam', expected one of ema, sma; did you mean 'ema'?"),
        ("trailing=1", .wrongType, "parameter 'trailing' is '1', expected true or false"),
        (
            "fsat=3", .unknownParameter,
            "unknown parameter 'fsat', did you mean 'fast'? (known parameters: average, fast, slow, threshold, trailing)"
        ),
        ("slow", .malformed, "'slow' is not of the form name=value"),
        ("=3", .malformed, "'=3' is not of the form name=value"),
    ]

    @Test(arguments: refusals)
    func `a value that is not allowed is refused with its name, itself and what is allowed`(
        text: String, code: ParameterError.Code, message: String?
    ) throws {
        let error = #expect(throws: ParameterError.self) { try ParameterValues(parsing: [text], of: Self.declared) }
        #expect(error?.code == code)
        if let message { #expect(error?.description == message) }
    }

    @Test func `a parameter given twice is refused`() {
        let error = #expect(throws: ParameterError.self) {
            try ParameterValues(parsing: ["slow=30", "slow=31"], of: Self.declared)
        }
        #expect(error?.code == .duplicate)
        #expect(error?.parameter == "slow")
    }

    @Test func `all problems are found at once`() {
        let given: [(String, ParameterValue)] = [
            ("slow", .integer(99)), ("fast", .integer(9)), ("fast", .integer(9)), ("average", .boolean(true)),
            ("speed", .integer(1)), ("threshold", .text("x")),
        ]
        let problems = ParameterValues.problems(with: given, of: Self.declared)
        #expect(problems.map(\.code) == [.outOfRange, .duplicate, .unknownOption, .unknownParameter, .wrongType])
        #expect(ParameterValues.problems(with: [("slow", .integer(20))], of: Self.declared).isEmpty)
    }

    @Test func `a long text is not repeated in full`() {
        let text = "slow=" + String(repeating: "9", count: 100_000)
        let error = #expect(throws: ParameterError.self) { try ParameterValues(parsing: [text], of: Self.declared) }
        #expect((error?.description.count ?? .max) < 200)
    }

    @Test func `a negative zero is zero`() throws {
        let parameter = Parameter.decimal("x", default: 0, in: -1...1, step: 0.5)
        #expect(try parameter.parse("-0.0").description == "0.0")
    }

    // MARK: Grid

    @Test func `a grid visits every step of a range`() {
        #expect(
            Parameter.integer("x", default: 3, in: 3...30, step: 4).allValues == [3, 7, 11, 15, 19, 23, 27].map { .integer($0) })
        #expect(Parameter.boolean("x", default: true).allValues == [.boolean(false), .boolean(true)])
        #expect(
            Parameter.categorical("x", default: "b", options: ["b", "a"]).allValues == [.text("b"), .text("a")])
        #expect(Parameter.integer("x", default: 5, in: 5...5).gridCount == 1)
    }

    @Test func `decimal steps carry no noise`() {
        let tenths = Parameter.decimal("x", default: 0.1, in: 0.1...1, step: 0.1)
        #expect(tenths.allValues.map(\.description) == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0"])
        let small = Parameter.decimal("x", default: 0, in: -0.05...0.0, step: 0.0125)
        #expect(small.allValues.map(\.description) == ["-0.05", "-0.0375", "-0.025", "-0.0125", "0.0"])
        let quarters = Parameter.decimal("x", default: 2, in: 1...3.5, step: 0.25)
        #expect(quarters.gridCount == 11)
        #expect(quarters.gridValue(at: 10) == .decimal(3.5))
    }

    @Test func `a grid stays within its range and holds only valid values, with each of them once`() throws {
        let seed: UInt64 = 11
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let lower = (random.uniform() - 0.5) * 100
            let width = random.uniform() * 10
            let step = random.uniform() * 3 + 0.001
            let parameter = Parameter.decimal("x", default: lower, in: lower...(lower + width), step: step)
            let values = parameter.allValues
            #expect(values.count == parameter.gridCount)
            #expect(Set(values).count == values.count, "seed \(seed)")
            for value in values { #expect(try parameter.validated(value) == value, "seed \(seed)") }
        }
    }

    @Test func `a declaration that contradicts itself traps`() async {
        await #expect(processExitsWith: .failure) { _ = Parameter.integer("x", default: 4, in: 5...9) }
        await #expect(processExitsWith: .failure) { _ = Parameter.integer("a b", default: 5, in: 5...9) }
        await #expect(processExitsWith: .failure) { _ = Parameter.decimal("x", default: 1, in: 0...2, step: 0) }
        await #expect(processExitsWith: .failure) { _ = Parameter.categorical("x", default: "c", options: ["a", "b"]) }
        await #expect(processExitsWith: .failure) { _ = Parameter.categorical("x", default: "a", options: ["a", "b c"]) }
        await #expect(processExitsWith: .failure) {
            _ = ParameterValues(defaultsOf: [.boolean("x", default: true), .boolean("x", default: true)])
        }
    }
}
