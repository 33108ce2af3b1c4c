extension StreamSession {
    /// Begins.
    package mutating func start(now: Duration, random: UInt64) -> [Directive] {
        guard current == nil, !tracks.isEmpty else { return [] }
        let (link, directive) = newLink(now: now, random: random)
        current = link
        return [directive]
    }

    /// Ends: every connection is closed and nothing is made anew.
    package mutating func stop() -> [Directive] {
        isStopped = true
        let directives = [current, standby].compactMap { $0 }.map { Directive.close($0.id) }
        current = nil
        standby = nil
        return directives
    }

    /// The connection stands.
    package mutating func opened(_ id: ConnectionID, now: Duration) -> [Directive] {
        guard var link = link(id), link.phase == .connecting else { return [] }
        policy.connected(now: now)
        link.phase = .subscribing
        link.openedAt = now
        link.lastHeard = now
        for start in stride(from: 0, to: tracks.count, by: max(settings.chunk, 1)) {
            let part = tracks[start..<min(start + max(settings.chunk, 1), tracks.count)].map(\.subscription)
            let texts = render(part, nextRequest)
            link.requests.add(texts, firstID: nextRequest)
            nextRequest += Int64(texts.count)
        }
        store(link)
        return progress(id, now: now)
    }

    /// The attempt failed or the connection was lost.
    package mutating func failed(_ id: ConnectionID, reason: String, now: Duration, random: UInt64) -> [Directive] {
        guard let link = link(id) else { return [] }
        policy.failed(now: now)
        lostConnections += 1
        if standby?.id == link.id {
            // The one that counts goes on; the next attempt comes with the next tick.
            overlapEnd = nil
            let (next, directive) = newLink(now: now, random: random)
            standby = next
            return [directive]
        }
        var directives = loseTracks(.disconnected(reason))
        if let next = standby {
            standby = nil
            overlapEnd = nil
            current = next
            current?.buffer = []
            directives += take(next.buffer, now: now, random: random)
            if next.phase == .live { directives += goLive() }
        } else {
            let (next, directive) = newLink(now: now, random: random)
            current = next
            directives.append(directive)
        }
        return directives
    }

    /// Unsubscribes and subscribes: the venue sends its snapshot again.
    package mutating func resubscribe(_ subscription: MarketSubscription, now: Duration) -> [Directive] {
        guard var link = current, link.phase == .live else { return [] }
        for texts in [renderEnd([subscription], nextRequest), render([subscription], nextRequest + 1000)] {
            link.requests.add(texts, firstID: nextRequest)
            nextRequest += 1000
        }
        store(link)
        return progress(link.id, now: now)
    }

    /// Something came, a pong for example, that is no message.
    package mutating func heard(_ id: ConnectionID, now: Duration) {
        guard var link = link(id) else { return }
        link.lastHeard = now
        link.pinged = false
        store(link)
    }

    /// One message, read.
    package mutating func received(_ id: ConnectionID, _ input: StreamInput, now: Duration, random: UInt64) -> [Directive] {
        guard link(id) != nil else { return [] }
        heard(id, now: now)
        switch input {
        case .heartbeat, .ignored: return []
        case .closingSoon: return id == current?.id ? prepareNext(now: now, random: random) : []
        case .acknowledged(let request, let error): return acknowledged(id, request, error, now: now, random: random)
        case .events(let events):
            guard id == current?.id else { return hold(events, now: now, random: random) }
            return take(events, now: now, random: random)
        }
    }

    /// A message that could not be read: something may have been lost with it.
    package mutating func unreadable(_ id: ConnectionID, _ error: VenueError, now: Duration, random: UInt64) -> [Directive] {
        guard link(id) != nil else { return [] }
        unreadableMessages += 1
        return [.emit(.unreadable(error)), .close(id)] + failed(id, reason: error.description, now: now, random: random)
    }

    /// To be called at `nextDeadline` or any time before.
    package mutating func tick(now: Duration, random: UInt64) -> [Directive] {
        var directives: [Directive] = []
        for id in [current?.id, standby?.id].compactMap({ $0 }) { directives += check(id, now: now, random: random) }
        if let link = current, link.phase == .live, now >= link.openedAt + settings.maximumAge {
            directives += prepareNext(now: now, random: random)
        }
        if let end = overlapEnd, now >= end { directives += switchOver(now: now, random: random) }
        return directives
    }

    /// When `tick` has something to do at the latest; nil: not before something else happens.
    package var nextDeadline: Duration? {
        var times: [Duration] = []
        for link in [current, standby].compactMap({ $0 }) {
            if link.phase == .connecting {
                times.append(link.deadline)
            } else {
                times.append(link.lastHeard + (link.pinged ? settings.silenceLimit : settings.silenceLimit / 2))
                if let request = link.requests.nextDeadline { times.append(request) }
            }
        }
        if let link = current, link.phase == .live, standby == nil { times.append(link.openedAt + settings.maximumAge) }
        if let overlapEnd { times.append(overlapEnd) }
        return times.min()
    }
}

// MARK: - One connection

extension StreamSession {
    private func link(_ id: ConnectionID) -> StreamLink? {
        current?.id == id ? current : standby?.id == id ? standby : nil
    }

    private mutating func store(_ link: StreamLink) {
        if current?.id == link.id { current = link } else if standby?.id == link.id { standby = link }
    }

    private mutating func newLink(now: Duration, random: UInt64) -> (StreamLink, Directive) {
        let wait = policy.attempt(now: now, random: random)
        let id = nextConnection
        nextConnection += 1
        let requests = RequestQueue(spacing: settings.spacing, deadline: settings.answerDeadline)
        return (
            StreamLink(id: id, deadline: now + wait + settings.connectDeadline, requests: requests),
            .connect(id, after: wait)
        )
    }

    /// Sends what may be sent; goes live when everything is answered.
    private mutating func progress(_ id: ConnectionID, now: Duration) -> [Directive] {
        guard var link = link(id), link.phase != .connecting else { return [] }
        var directives: [Directive] = []
        if let text = link.requests.send(now: now) { directives.append(.send(id, text)) }
        guard link.phase == .subscribing, link.requests.isDone else {
            store(link)
            return directives
        }
        link.phase = .live
        store(link)
        if id == current?.id { return directives + goLive() }
        overlapEnd = now + settings.overlap
        return directives
    }

    private mutating func acknowledged(
        _ id: ConnectionID, _ request: Int64?, _ error: VenueError?, now: Duration, random: UInt64
    ) -> [Directive] {
        guard var link = link(id) else { return [] }
        link.requests.answered(request)
        store(link)
        guard let error else { return progress(id, now: now) }
        let told = [Directive.emit(.refused(error))]
        if case .retryable = error.handling {
            return told + [.close(id)] + failed(id, reason: error.description, now: now, random: random)
        }
        return told + progress(id, now: now)
    }

    private mutating func check(_ id: ConnectionID, now: Duration, random: UInt64) -> [Directive] {
        guard var link = link(id) else { return [] }
        let reason: String
        if link.phase == .connecting {
            guard now >= link.deadline else { return [] }
            reason = "no connection within \(settings.connectDeadline.wholeMilliseconds) ms"
        } else if now >= link.lastHeard + settings.silenceLimit {
            reason = "nothing heard for \(settings.silenceLimit.wholeMilliseconds) ms"
        } else if link.requests.isOverdue(now: now) {
            reason = "a subscription was not answered within \(settings.answerDeadline.wholeMilliseconds) ms"
        } else {
            var directives: [Directive] = []
            if !link.pinged, now >= link.lastHeard + settings.silenceLimit / 2 {
                link.pinged = true
                store(link)
                directives.append(.ping(id))
            }
            return directives + progress(id, now: now)
        }
        return [.close(id)] + failed(id, reason: reason, now: now, random: random)
    }

    // MARK: - The next connection

    private mutating func prepareNext(now: Duration, random: UInt64) -> [Directive] {
        guard standby == nil, !isStopped else { return [] }
        let (link, directive) = newLink(now: now, random: random)
        standby = link
        return [directive]
    }

    /// Keeps what the next connection brings until it takes over.
    private mutating func hold(_ events: [MarketEvent], now: Duration, random: UInt64) -> [Directive] {
        guard var link = standby else { return [] }
        guard link.buffer.count + events.count <= settings.bufferLimit else {
            return [.close(link.id)] + failed(link.id, reason: "too much was waiting", now: now, random: random)
        }
        link.buffer += events
        standby = link
        return []
    }

    private mutating func switchOver(now: Duration, random: UInt64) -> [Directive] {
        overlapEnd = nil
        guard let old = current, let next = standby, next.phase == .live else { return [] }
        standby = nil
        current = next
        current?.buffer = []
        // What the old one brought already is known by its numbers; a hole between the two is found by them.
        return [.close(old.id)] + take(next.buffer, now: now, random: random)
    }
}
