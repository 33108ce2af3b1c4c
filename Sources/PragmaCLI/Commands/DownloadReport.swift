internal import Configuration
internal import Market
internal import MarketData

/// What `pragma data download` did: what came, and what the venue does not have.
struct DownloadReport {
    let folder: String
    let outcomes: [CandleDownload.Outcome]

    var text: String {
        var table = TextTable([
            .left("pair"), .left("timeframe"), .right("received"), .right("files"), .right("requests"), .right("gaps"),
            .left("outcome"),
        ])
        for outcome in outcomes {
            table.add([
                outcome.key.pair.description, outcome.key.timeframe.description, String(outcome.received),
                String(outcome.archives), String(outcome.requests), String(outcome.venueGaps.count), Self.words(outcome),
            ])
        }
        let notes = outcomes.flatMap { outcome in outcome.notes.map { "\(outcome.key.pair) \(outcome.key.timeframe): \($0)" } }
        return table.text + "\n\n" + notes.map { $0 + "\n" }.joined() + (notes.isEmpty ? "" : "\n") + "candles are in \(folder)"
    }

    private static func words(_ outcome: CandleDownload.Outcome) -> String {
        if let failure = outcome.failure { return "given up: \(failure)" }
        var words = outcome.before.map { ["the venue has none before \(Format.time(Timestamp(milliseconds: $0.end)))"] } ?? []
        if outcome.strange > 0 { words.append("\(outcome.strange) candles off the grid were left out") }
        return words.isEmpty ? "done" : words.joined(separator: "; ")
    }

    var value: ConfigValue {
        let rows = outcomes.map { outcome in
            JSON.object([
                "pair": JSON.text(outcome.key.pair.description), "timeframe": JSON.text(outcome.key.timeframe.description),
                "received": JSON.integer(outcome.received), "requests": JSON.integer(outcome.requests),
                "archives": JSON.integer(outcome.archives),
                "gaps": JSON.list(outcome.venueGaps.map { Self.value($0, outcome.key.timeframe) }),
                "missing_before": JSON.text(outcome.before.map { Timestamp(milliseconds: $0.end).iso8601 }),
                "strange": JSON.integer(outcome.strange), "failure": JSON.text(outcome.failure),
                "notes": JSON.list(outcome.notes.map { JSON.text($0) }),
            ])
        }
        return JSON.object(["folder": JSON.text(folder), "candles": JSON.list(rows)])
    }

    private static func value(_ gap: CandleSpan, _ timeframe: Timeframe) -> ConfigValue {
        JSON.object([
            "first": JSON.text(Timestamp(milliseconds: gap.start).iso8601),
            "last": JSON.text(Timestamp(milliseconds: gap.end - timeframe.milliseconds).iso8601),
        ])
    }
}
