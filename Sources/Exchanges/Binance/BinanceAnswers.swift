import Exchange
import Market
import Money

/// Reads answers: refusals become errors, bodies become values.
struct BinanceAnswers: Sendable {
    let system: Binance.System
    let changesState: Bool

    /// Throws where the answer is a refusal.
    func check(_ response: WebResponse) throws(VenueError) {
        if let error = BinanceErrors.error(in: response, system: system, changesState: changesState) { throw error }
    }

    /// For answers that say no more than that it was done. What is no object is not the venue's answer (a proxy's page, say).
    func done(_ response: WebResponse) throws(VenueError) {
        guard try json(response).members != nil else { throw malformed(JSONError(.expected("an object"), at: 0)) }
    }

    /// The answer's body as a tree.
    func json(_ response: WebResponse) throws(VenueError) -> JSONValue {
        try check(response)
        return try read { () throws(JSONError) in try JSONValue(parsing: response.body) }
    }

    /// The list in the answer's body.
    func list(_ response: WebResponse) throws(VenueError) -> [JSONValue] {
        guard let elements = try json(response).elements else {
            throw malformed(JSONError(.expected("a list"), at: 0))
        }
        return elements
    }

    /// Reads a body that passed the check; what is wrong with it becomes an error of this call.
    func read<Value>(_ body: () throws(JSONError) -> Value) throws(VenueError) -> Value {
        do throws(JSONError) { return try body() } catch { throw malformed(error) }
    }

    func malformed(_ error: JSONError) -> VenueError { .malformed(error, changesState: changesState) }
}

// MARK: - Members that must be there

extension JSONValue {
    func required<Value>(_ name: JSONError.StaticText, _ value: (JSONValue) -> Value?) throws(JSONError) -> Value {
        guard let member = self[name.text] else { throw JSONError(.missing(name), at: 0) }
        guard let result = value(member) else { throw JSONError(.expected(name), at: 0) }
        return result
    }

    func text(_ name: JSONError.StaticText) throws(JSONError) -> String { try required(name) { $0.text } }
    func integer(_ name: JSONError.StaticText) throws(JSONError) -> Int64 { try required(name) { $0.integer } }
    func amount(_ name: JSONError.StaticText) throws(JSONError) -> Amount { try required(name) { $0.amount } }
    func fixedPoint<Kind>(_ name: JSONError.StaticText, as: Kind.Type = Kind.self) throws(JSONError) -> FixedPoint<Kind> {
        try required(name) { $0.fixedPoint() }
    }
    func time(_ name: JSONError.StaticText) throws(JSONError) -> Timestamp { Timestamp(milliseconds: try integer(name)) }

    /// A price or quantity where the venue means one: zero stands for none.
    func positive<Kind>(_ name: String, as: Kind.Type = Kind.self) -> FixedPoint<Kind>? {
        guard let value: FixedPoint<Kind> = self[name]?.fixedPoint(), value.isPositive else { return nil }
        return value
    }

    /// A time where the venue means one: zero and -1 stand for none.
    func positiveTime(_ name: String) -> Timestamp? {
        guard let value = self[name]?.integer, value > 0 else { return nil }
        return Timestamp(milliseconds: value)
    }

    /// Whether there is a member of this name. (Comparing with nil would compare with JSON's null.)
    func has(_ name: String) -> Bool { members?.contains { $0.name == name } ?? false }

    /// A text that is not empty.
    func filled(_ name: String) -> String? {
        guard let text = self[name]?.text, !text.isEmpty else { return nil }
        return text
    }
}

extension JSONScanner {
    /// A finite double, bare or in quotes.
    mutating func double() throws(JSONError) -> Double {
        let range = try digits()
        guard let value = Double(String(decoding: self[range], as: UTF8.self)), value.isFinite else {
            throw JSONError(.invalidNumber, at: range.lowerBound)
        }
        return value
    }
}
