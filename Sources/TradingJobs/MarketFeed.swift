internal import Connectors
internal import Coordination
internal import Exchange
internal import Fleet
internal import Market

/// The market of a job's pairs. Goes on trying for as long as it runs: a network that is away ends no job.
struct MarketFeed: Sendable {
    enum Event: Sendable {
        /// Something does not work now; it is tried again.
        case trouble(String)
        /// The venue answers: its instruments of the plan's pairs, and the stream that has each pair's book.
        case connected([TradedInstrument], streams: [Pair: MarketStream])
        /// The newest candles of a pair, oldest first; the last may still be open.
        case history(Pair, [Candle])
        case stream(StreamEvent)
        /// The job can never work at this venue.
        case failed(JobFault)
    }

    let client: MarketDataClient
    let plan: JobPlan
    let settings: JobSettings
    /// Pairs whose history is to be asked for.
    let wanted: EventChannel<Pair>
    let send: @Sendable (Event) async -> Void

    /// Runs until the task is canceled.
    func run() async {
        guard let instruments = await connect() else { return }
        let streams: [MarketStream]
        do throws(VenueError) { streams = try client.streams(subscriptions(instruments)) } catch {
            return await send(.failed(JobFault(.badConfiguration, "the market cannot be subscribed to: \(error)")))
        }
        var places: [Pair: MarketStream] = [:]
        for stream in streams {
            for case .book(let instrument, _) in stream.subscriptions { places[instrument.pair] = stream }
        }
        await send(.connected(instruments, streams: places))
        await withDiscardingTaskGroup { group in
            for stream in streams {
                group.addTask { await stream.run() }
                group.addTask { while let event = await stream.events.next() { await send(.stream(event)) } }
            }
            group.addTask { await answerWanted(instruments) }
            group.addTask { await keepClock() }
        }
    }

    private func subscriptions(_ instruments: [TradedInstrument]) -> [MarketSubscription] {
        instruments.flatMap { [.candles($0, plan.timeframe), .book($0, depth: plan.bookDepth)] }
    }

    // MARK: - REST

    /// The instruments of the plan's pairs; nil where the job cannot work, or is over.
    private func connect() async -> [TradedInstrument]? {
        guard client.venue.timeframes.contains(plan.timeframe) else {
            let known = client.venue.timeframes.map(\.description).joined(separator: ", ")
            await send(
                .failed(JobFault(.badConfiguration, "\(client.address.id) has no candles of \(plan.timeframe); it has \(known)")))
            return nil
        }
        guard await persist("the venue's time", { () async throws(VenueError) in try await client.synchronizeClock() }) != nil,
            let list = await persist("the list of instruments", { () async throws(VenueError) in try await client.instruments() })
        else { return nil }
        let known = Dictionary(list.map { ($0.pair, $0) }, uniquingKeysWith: { first, _ in first })
        let missing = plan.pairs.filter { known[$0] == nil }
        guard missing.isEmpty else {
            let names = missing.map(\.description).joined(separator: ", ")
            await send(
                .failed(
                    JobFault(
                        .badConfiguration, "\(client.address.id) does not list \(names): take it out of exchange.pair_whitelist"))
            )
            return nil
        }
        return plan.pairs.compactMap { known[$0] }
    }

    /// One history after the other, so that a long whitelist does not use the venue's budgets up.
    private func answerWanted(_ instruments: [TradedInstrument]) async {
        let places = Dictionary(instruments.map { ($0.pair, $0) }, uniquingKeysWith: { first, _ in first })
        let count = Int64(plan.historyCount(candleLimit: client.venue.candleLimit))
        while let pair = await wanted.next() {
            guard let instrument = places[pair] else { continue }
            let candles = await persist("the candles of \(pair)") { () async throws(VenueError) in
                let newest = plan.timeframe.floor(client.gate.venueNow())
                let from = newest.advanced(byMilliseconds: -count * plan.timeframe.milliseconds)
                return try await client.candles(instrument, plan.timeframe, from: from)
            }
            if let candles { await send(.history(pair, candles)) }
        }
    }

    /// The venue's clock and ours drift apart.
    private func keepClock() async {
        while !Task.isCancelled {
            await client.clock.sleep(for: settings.clockInterval)
            if !Task.isCancelled { _ = try? await client.synchronizeClock(rounds: 1) }
        }
    }

    /// Tries until it works, with growing pauses; nil where the job is over.
    private func persist<Answer>(
        _ what: String, _ body: () async throws(VenueError) -> Answer
    ) async -> Answer? {
        var pause = settings.firstPause
        while !Task.isCancelled {
            do throws(VenueError) { return try await body() } catch {
                if Task.isCancelled { return nil }
                await send(.trouble("\(what) cannot be had: \(error)"))
                await client.clock.sleep(for: pause)
                pause = min(pause * 2, settings.longestPause)
            }
        }
        return nil
    }
}
