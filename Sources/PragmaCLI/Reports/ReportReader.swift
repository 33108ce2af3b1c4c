internal import Configuration
internal import Market

/// Reads figures from a report that came from the fleet or from this process; what is missing shows as a dash.
struct ReportReader {
    let value: ConfigValue?

    init(_ value: ConfigValue?) { self.value = value }

    subscript(_ path: String...) -> ReportReader { ReportReader(value?[at: path]) }

    var lines: [ReportReader] { (value?.array ?? []).map { ReportReader($0) } }
    var number: Double? { value?.number?.value }
    var count: String { value?.number.map { $0.integer.map(String.init) ?? $0.text } ?? "-" }
    var text: String { value?.string ?? "-" }

    /// The number with `digits` after the point.
    func fixed(_ digits: Int) -> String { number.map { Format.fixed($0, digits) } ?? "-" }
    /// The ratio as a percentage with two digits.
    var percent: String { number.map { Format.fixed($0 * 100, 2) + "%" } ?? "-" }
    /// The ratio as percent with two digits, without the sign.
    var percentNumber: String { number.map { Format.fixed($0 * 100, 2) } ?? "-" }
    /// An amount of `currency`.
    func amount(_ currency: Currency) -> String { number.map(currency.text) ?? "-" }
    /// A time.
    var time: String { value?.string.map { text in Timestamp(iso8601: text).map(Format.time) ?? text } ?? "-" }
    /// Whole minutes as a duration.
    var duration: String {
        number.flatMap { Int(exactly: $0.rounded()) }.map(Format.duration(minutes:)) ?? "-"
    }
}

/// The stake currency and how many digits people expect of it.
struct Currency {
    let name: String
    /// Digits after the point: 8 for BTC, 5 for ETH, 3 for all others, as freqtrade shows them.
    var digits: Int {
        switch name {
        case "BTC": 8
        case "ETH": 5
        default: 3
        }
    }

    /// `value` with the currency's name.
    func text(_ value: Double) -> String { Format.fixed(value, digits) + " " + name }
}
