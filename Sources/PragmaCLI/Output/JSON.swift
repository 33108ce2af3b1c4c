internal import Configuration

/// Makes JSON for programs: sorted keys, every number the shortest text that reads back to the same double.
enum JSON {
    static func object(_ members: [String: ConfigValue]) -> ConfigValue { ConfigValue(.object(members)) }
    static func list(_ elements: [ConfigValue]) -> ConfigValue { ConfigValue(.array(elements)) }
    static func list(_ texts: [String]) -> ConfigValue { list(texts.map { text($0) }) }
    static func text(_ value: String) -> ConfigValue { ConfigValue(.string(value)) }
    /// A text; null where there is none.
    static func text(_ value: String?) -> ConfigValue { value.map { ConfigValue(.string($0)) } ?? null }
    static func flag(_ value: Bool) -> ConfigValue { ConfigValue(.boolean(value)) }
    static func integer(_ value: some BinaryInteger) -> ConfigValue {
        ConfigValue(.number(ConfigNumber(Int64(clamping: value))))
    }
    /// A number; null for what is none, since JSON has no infinity.
    static func number(_ value: Double?) -> ConfigValue {
        guard let value, value.isFinite else { return null }
        return ConfigValue(.number(ConfigNumber(value)))
    }
    static var null: ConfigValue { ConfigValue(.null) }

    /// The text of `value` on several lines, without a line feed at the end.
    static func pretty(_ value: ConfigValue) -> String {
        var text = value.prettyJSON
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}

extension Terminal {
    /// Prints `value` as JSON with sorted keys, the stable form for programs.
    static func json(_ value: ConfigValue) { line(JSON.pretty(value)) }
}
