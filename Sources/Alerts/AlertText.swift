import Exchange
import Market

extension AlertFilter.Told {
    /// The alert as one sentence: what chat channels show.
    package var sentence: String {
        var text = "[\(alert.severity.rawValue)] \(alert.source): "
        if let job = alert.job { text += "job \(job): " }
        if let account = alert.account { text += "account \(account)\(alert.venue.map { " at \($0)" } ?? ""): " }
        text += alert.text
        if !alert.action.isEmpty { text += "; \(alert.action)" }
        if repeated > 0 { text += " (heard \(repeated) more times since it was last told)" }
        if leftOut > 0 { text += " (\(leftOut) other alerts were left out)" }
        return text
    }

    /// The body of a webhook's request, with documented keys. `text` alone is what Slack, Mattermost and their like show.
    ///
    /// - Parameter lost: alerts that were never delivered since the last one that was.
    package func webhookBody(lost: Int) -> [UInt8] {
        let value: JSONValue = [
            "text": .string(sentence), "severity": .string(alert.severity.rawValue), "kind": .string(alert.kind.rawValue),
            "source": .string(alert.source), "job": alert.job.map { .string($0) } ?? .null,
            "account": alert.account.map { .string($0) } ?? .null, "venue": alert.venue.map { .string($0) } ?? .null,
            "message": .string(alert.text),
            "action": .string(alert.action), "time": .string(Timestamp(milliseconds: alert.time).iso8601),
            "repeated": .integer(Int64(repeated)), "left_out": .integer(Int64(leftOut)), "lost": .integer(Int64(lost)),
        ]
        return value.bytes
    }
}
