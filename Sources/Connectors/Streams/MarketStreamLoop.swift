import Exchange
import Market
import Synchronization

/// Carries out what the machines of a market stream decide.
struct MarketStreamLoop {
    enum Input: Sendable {
        case socket(SocketInput)
        case tick
        case trades(Int, [MarketTrade])
        case candles(Int, [Candle], isCut: Bool)
        case fillFailed(Int)
        case snapshot(Int, BookUpdate?)
        case resubscribe(MarketSubscription)
    }

    private let stream: MarketStream
    private let client: MarketDataClient
    private let mailbox: EventChannel<Input>
    private var session: StreamSession
    private var sockets = SocketTable()
    /// When the earliest timer under way ends.
    private var armed: Duration?
    /// Places of book subscriptions by the name in events.
    private var bookPlaces: [String: Int] = [:]

    init(_ stream: MarketStream, mailbox: EventChannel<Input>) {
        self.stream = stream
        self.mailbox = mailbox
        client = stream.client
        let venue = stream.client.venue
        session = StreamSession(
            stream.subscriptions, settings: stream.settings.session, render: { venue.subscribe($0, id: $1) },
            renderEnd: { venue.unsubscribe($0, id: $1) })
        for (place, subscription) in stream.subscriptions.enumerated() {
            if case .book(let instrument, _) = subscription { bookPlaces[instrument.streamSymbol] = place }
        }
    }

    private var now: Duration { client.clock.now().uptime }

    mutating func start(_ group: inout DiscardingTaskGroup) {
        perform(session.start(now: now, random: client.clock.random()), &group)
        arm(&group)
    }

    mutating func stop() {
        _ = session.stop()
        sockets.closeAll()
    }

    mutating func take(_ input: Input, _ group: inout DiscardingTaskGroup) {
        let random = client.clock.random()
        switch input {
        case .socket(let input): take(input, random, &group)
        case .tick:
            armed = nil
            for id in sockets.heard() { session.heard(id, now: now) }
            perform(session.tick(now: now, random: random), &group)
        case .trades(let id, let trades): perform(session.filled(id, trades: trades), &group)
        case .candles(let id, let candles, let isCut): perform(session.filled(id, candles: candles, isCut: isCut), &group)
        case .fillFailed(let id): perform(session.fillFailed(id), &group)
        case .snapshot(let place, let update):
            let directives = stream.keep(place) { keeper in
                if let update { keeper.receive(snapshot: update) } else { keeper.snapshotFailed() }
            }
            perform(directives, of: place, &group)
        case .resubscribe(let subscription): perform(session.resubscribe(subscription, now: now), &group)
        }
        stream.counted.withLock {
            $0.unreadable = session.unreadableMessages
            $0.unexpected = session.unexpectedEvents
            $0.lostConnections = session.lostConnections
        }
        arm(&group)
    }

    private mutating func take(_ input: SocketInput, _ random: UInt64, _ group: inout DiscardingTaskGroup) {
        switch input {
        case .opened(let id, let connection):
            guard let outbox = sockets.opened(id, connection) else { return }
            group.addTask { [mailbox] in
                if let reason = await SocketTable.write(connection, outbox) { await mailbox.send(.socket(.ended(id, reason))) }
            }
            perform(session.opened(id, now: now), &group)
        case .message(let id, let bytes):
            guard sockets.isWanted(id) else { return }
            stream.counted.withLock { $0.messages += 1 }
            do {
                let input = try client.venue.decode(bytes)
                perform(session.received(id, input, now: now, random: random), &group)
            } catch {
                perform(session.unreadable(id, error, now: now, random: random), &group)
            }
        case .ended(let id, let reason):
            guard sockets.isWanted(id) else { return }
            sockets.close(id)
            perform(session.failed(id, reason: reason, now: now, random: random), &group)
        }
    }

    // MARK: - Directives

    private mutating func perform(_ directives: [StreamSession.Directive], _ group: inout DiscardingTaskGroup) {
        for directive in directives {
            switch directive {
            case .connect(let id, let wait): connect(id, after: wait, &group)
            case .send(let id, let text):
                if !sockets.send(id, .text(text)) { perform(tooSlow(id), &group) }
            case .ping(let id): _ = sockets.send(id, .ping)
            case .close(let id): sockets.close(id)
            case .fetch(let fill, let wait): fetch(fill, after: wait, &group)
            case .emit(let event):
                tell(event)
                keepBooks(event, &group)
            }
        }
    }

    private mutating func tooSlow(_ id: Int) -> [StreamSession.Directive] {
        sockets.close(id)
        return session.failed(id, reason: "the venue takes no messages", now: now, random: client.clock.random())
    }

    private mutating func connect(_ id: Int, after wait: Duration, _ group: inout DiscardingTaskGroup) {
        sockets.want(id)
        let (client, mailbox, path, timeout) = (client, mailbox, stream.path, stream.settings.session.connectDeadline)
        group.addTask {
            await client.clock.sleep(for: wait)
            await SocketTable.read(id) {
                try await client.dialer.connect(
                    to: client.address.marketStream, path: path, headers: [], timeout: timeout)
            } report: {
                await mailbox.send(.socket($0))
            }
        }
    }

    private func fetch(_ fill: StreamFill, after wait: Duration, _ group: inout DiscardingTaskGroup) {
        let (client, mailbox) = (client, mailbox)
        group.addTask {
            await client.clock.sleep(for: wait)
            do throws(VenueError) {
                switch fill.what {
                case .trades(let instrument, _):
                    await mailbox.send(.trades(fill.id, try await client.recentTrades(instrument)))
                case .candles(let instrument, let timeframe, let from):
                    let candles = try await client.candles(instrument, timeframe, from: from)
                    // A venue that reaches back only so far has begun later than asked.
                    let isCut = !client.venue.candlesReachBack && candles.first.map { $0.time > from } ?? false
                    await mailbox.send(.candles(fill.id, candles, isCut: isCut))
                }
            } catch {
                await mailbox.send(.fillFailed(fill.id))
            }
        }
    }

    /// A timer for the next deadline, unless one ends no later.
    private mutating func arm(_ group: inout DiscardingTaskGroup) {
        guard let deadline = session.nextDeadline, armed.map({ deadline < $0 }) ?? true else { return }
        armed = deadline
        group.addTask { [clock = client.clock, mailbox] in
            await clock.sleep(until: deadline)
            await mailbox.send(.tick)
        }
    }

    // MARK: - Books and events

    private func tell(_ event: StreamEvent) {
        guard !stream.events.push(event) else { return }
        // The one that did not fit is among the dropped.
        let dropped = stream.events.replaceAll { session.overflowed(dropped: $0 + 1) }
        stream.counted.withLock { $0.dropped += dropped + 1 }
    }

    private mutating func keepBooks(_ event: StreamEvent, _ group: inout DiscardingTaskGroup) {
        switch event {
        case .market(.bookUpdate(let update)):
            guard let place = bookPlaces[update.symbol] else { return }
            perform(stream.keep(place) { $0.receive(update) }, of: place, &group)
        case .gap(.book(let instrument, _), _):
            guard let place = bookPlaces[instrument.streamSymbol] else { return }
            perform(stream.keep(place) { $0.stopped() }, of: place, &group)
        case .resumed(.book(let instrument, _), _):
            guard let place = bookPlaces[instrument.streamSymbol] else { return }
            perform(stream.keep(place) { $0.started() }, of: place, &group)
        case .market, .gap, .resumed, .refused, .unreadable, .bookSynced, .bookLost: break
        }
    }

    private mutating func perform(
        _ directives: [BookKeeper.Directive], of place: Int, _ group: inout DiscardingTaskGroup
    ) {
        guard !directives.isEmpty, case .book(let instrument, let depth) = stream.subscriptions[place] else { return }
        let subscription = stream.subscriptions[place]
        let (client, mailbox) = (client, mailbox)
        for directive in directives {
            switch directive {
            case .synced: tell(.bookSynced(subscription))
            case .lost(let fault):
                stream.counted.withLock { $0.bookFaults += 1 }
                tell(.bookLost(subscription, fault))
            case .fetchSnapshot(let wait):
                let levels = max(depth, stream.settings.snapshotDepth)
                group.addTask {
                    await client.clock.sleep(for: wait)
                    await mailbox.send(.snapshot(place, try? await client.book(instrument, depth: levels)))
                }
            case .resubscribe(let wait):
                group.addTask {
                    await client.clock.sleep(for: wait)
                    await mailbox.send(.resubscribe(subscription))
                }
            }
        }
    }
}
