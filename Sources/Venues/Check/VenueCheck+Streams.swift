import Connectors
import Exchange
import Market
import Synchronization

extension VenueCheck {
    /// What was seen of one subscription.
    private enum Sight: Equatable {
        case nothing, accepted, event
        case failed(String)
    }

    /// The subscriptions, and what was seen of each.
    private final class Sights: Sendable {
        let all: [(name: String, subscription: MarketSubscription)]
        private let seen: Mutex<[MarketSubscription: Sight]>

        init(_ all: [(name: String, subscription: MarketSubscription)]) {
            self.all = all
            seen = Mutex([:])
        }

        func sight(_ subscription: MarketSubscription) -> Sight { seen.withLock { $0[subscription] ?? .nothing } }

        func note(_ event: StreamEvent, among subscriptions: [MarketSubscription]) {
            for subscription in subscriptions {
                guard let sight = Self.sight(of: event, subscription) else { continue }
                seen.withLock { seen in
                    if seen[subscription] != .event { seen[subscription] = sight }
                }
            }
        }

        private static func sight(of event: StreamEvent, _ subscription: MarketSubscription) -> Sight? {
            switch (event, subscription) {
            case (.market(.trade), .trades), (.market(.candle), .candles), (.market(.quote), .quote): .event
            case (.bookSynced(let synced), _) where synced == subscription: .event
            case (.resumed(let resumed, _), _) where resumed == subscription: .accepted
            case (.refused(let error), _), (.unreadable(let error), _): .failed(error.description)
            case (.gap(let lost, let gap), _) where lost == subscription: .failed(gap.description)
            case (.bookLost(let lost, let fault), _) where lost == subscription: .failed("the book is out of step: \(fault)")
            default: nil
            }
        }

        func hasAll(_ subscriptions: [MarketSubscription]) -> Bool {
            seen.withLock { seen in subscriptions.allSatisfy { seen[$0] == .event } }
        }
    }

    func streams(_ instrument: TradedInstrument) async -> [CheckLine] {
        let timeframe = market.venue.timeframes.first ?? .oneMinute
        let sights = Sights([
            ("stream.trades", .trades(instrument)), ("stream.candles", .candles(instrument, timeframe)),
            ("stream.book", .book(instrument, depth: 10)), ("stream.quotes", .quote(instrument)),
        ])
        do throws(VenueError) {
            let streams = try market.streams(sights.all.map(\.subscription))
            await beforeDeadline(
                streams.map { stream in { await stream.run() } },
                until: streams.map { stream in
                    {
                        while !sights.hasAll(stream.subscriptions), let event = await stream.events.next() {
                            sights.note(event, among: stream.subscriptions)
                        }
                    }
                })
        } catch {
            return sights.all.map { CheckLine($0.name, .failed, error.description) }
        }
        return sights.all.map { line($0.name, sights.sight($0.subscription)) }
    }

    private func line(_ name: String, _ sight: Sight) -> CheckLine {
        let limit = "\(settings.streamDeadline.wholeMilliseconds / 1000) s"
        return switch sight {
        case .event: CheckLine(name, .ok, "events come")
        case .accepted:
            CheckLine(name, .warning, "subscribed, and nothing came within \(limit): a quiet market, or try another --pair")
        case .nothing: CheckLine(name, .failed, "no answer to the subscription within \(limit)")
        case .failed(let reason): CheckLine(name, .failed, reason)
        }
    }

    private enum End { case service, goal, deadline }

    /// Runs `services` until all of `goals` are reached or time is up. Answers whether they were.
    @discardableResult
    func beforeDeadline(
        _ services: [@Sendable () async -> Void], until goals: [@Sendable () async -> Void]
    ) async -> Bool {
        let (clock, deadline) = (market.clock, market.clock.real(settings.streamDeadline))
        return await withTaskGroup(of: End.self) { group in
            for service in services {
                group.addTask {
                    await service()
                    return .service
                }
            }
            for goal in goals {
                group.addTask {
                    await goal()
                    return .goal
                }
            }
            group.addTask {
                await clock.sleep(for: deadline)
                return .deadline
            }
            defer { group.cancelAll() }
            var open = goals.count
            while open > 0, let end = await group.next() {
                if end == .deadline { return false }
                if end == .goal { open -= 1 }
            }
            return true
        }
    }
}
