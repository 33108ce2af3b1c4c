import Exchange

/// Carries out what the machine of a user stream decides.
struct AccountStreamLoop {
    enum Input: Sendable {
        case socket(SocketInput)
        case tick
        case token(Int, Result<String, VenueError>)
        case subscribed(Int, Result<[String], VenueError>)
        case renewed(String, VenueError?)
        case reconciled(Int, AccountSnapshot?)
    }

    private let stream: AccountStream
    private let client: TradingClient
    private let mailbox: EventChannel<Input>
    private var session: AccountSession
    private var sockets = SocketTable()
    private var armed: Duration?
    private var isOverflowed = false

    init(_ stream: AccountStream, mailbox: EventChannel<Input>) {
        self.stream = stream
        self.mailbox = mailbox
        client = stream.client
        session = AccountSession(
            settings: stream.settings.session,
            symbol: { [instruments = stream.instruments] in
                AccountStream.symbol($0, of: instruments)
            })
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
        case .token(let id, .success(let token)): perform(session.token(token, for: id, now: now), &group)
        case .token(let id, .failure(let error)), .subscribed(let id, .failure(let error)):
            if !Self.isTransient(error) { tell(.stream(.refused(error))) }
            sockets.close(id)
            perform(session.failed(id, reason: error.description, now: now, random: random), &group)
        case .subscribed(let id, .success(let texts)):
            guard sockets.isWanted(id) else { return }
            for text in texts { _ = sockets.send(id, .text(text)) }
            perform(session.subscribing(id, messages: texts.count, now: now), &group)
        case .renewed(let token, let error?):
            perform(session.renewalFailed(token, reason: error.description, now: now, random: random), &group)
        case .renewed(_, nil): break
        case .reconciled(let number, let snapshot?): take(snapshot, number, &group)
        case .reconciled(let number, nil): perform(session.reconcileFailed(number, now: now), &group)
        }
        if isOverflowed {
            isOverflowed = false
            perform(session.restart("nobody read the updates in time", now: now, random: random), &group)
        }
        arm(&group)
    }

    private static func isTransient(_ error: VenueError) -> Bool { if case .retryable = error.handling { true } else { false } }

    private mutating func take(_ snapshot: AccountSnapshot, _ number: Int, _ group: inout DiscardingTaskGroup) {
        var told = snapshot
        told.fills = session.untold(snapshot.fills)
        let directives = session.reconciled(number, fills: snapshot.fills)
        // A reconciliation that is not awaited any more is of a connection that is gone.
        guard !directives.isEmpty else { return }
        stream.passed(snapshot.fills)
        tell(.reconciled(told))
        perform(directives, &group)
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
            do {
                let input = try client.venue.decodeAccount(bytes)
                if case .acknowledged(_, let refusal?) = input, refusal.isClockRefusal {
                    group.addTask { [client] in await client.mendClock(after: refusal) }
                }
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

    private mutating func perform(_ directives: [AccountSession.Directive], _ group: inout DiscardingTaskGroup) {
        for directive in directives {
            switch directive {
            case .fetchToken(let id, let wait): fetchToken(id, after: wait, &group)
            case .connect(let id, let token, let wait): connect(id, token: token, after: wait, &group)
            case .subscribe(let id, let token, let first): subscribe(id, token: token, firstID: first, &group)
            case .renewToken(let token): renew(token, &group)
            case .ping(let id): _ = sockets.send(id, .ping)
            case .close(let id): sockets.close(id)
            case .reconcile(let number, let wait): reconcile(number, after: wait, &group)
            case .emit(let event): tell(.stream(event))
            }
        }
    }

    /// Where nobody reads, everything that waits is thrown away and the connection made anew, so that all is read again.
    private mutating func tell(_ update: AccountUpdate) {
        guard !stream.updates.push(update) else { return }
        _ = stream.updates.replaceAll { [.overflow(dropped: $0 + 1)] }
        isOverflowed = true
    }

    private func fetchToken(_ id: Int, after wait: Duration, _ group: inout DiscardingTaskGroup) {
        guard let call = client.venue.streamToken() else { return }
        let (client, mailbox) = (client, mailbox)
        group.addTask {
            await client.clock.sleep(for: wait)
            do throws(VenueError) {
                await mailbox.send(.token(id, .success(try await client.call(call))))
            } catch {
                await mailbox.send(.token(id, .failure(error)))
            }
        }
    }

    private mutating func connect(_ id: Int, token: String?, after wait: Duration, _ group: inout DiscardingTaskGroup) {
        sockets.want(id)
        let (client, mailbox, timeout) = (client, mailbox, stream.settings.session.connectDeadline)
        group.addTask {
            await client.clock.sleep(for: wait)
            await SocketTable.read(id) {
                try await client.dialer.connect(
                    to: client.address.accountStream, path: client.venue.accountStreamPath(token: token), headers: [],
                    timeout: timeout)
            } report: {
                await mailbox.send(.socket($0))
            }
        }
    }

    private func subscribe(_ id: Int, token: String?, firstID: Int64, _ group: inout DiscardingTaskGroup) {
        let (client, mailbox) = (client, mailbox)
        group.addTask {
            do throws(VenueError) {
                let texts = try client.venue.subscribeToAccount(
                    token: token, credentials: client.credentials, at: try await client.moment(), id: firstID)
                await mailbox.send(.subscribed(id, .success(texts)))
            } catch {
                await mailbox.send(.subscribed(id, .failure(error)))
            }
        }
    }

    private func renew(_ token: String, _ group: inout DiscardingTaskGroup) {
        guard let renewal = client.venue.renewStreamToken(token) else { return }
        let (client, mailbox) = (client, mailbox)
        group.addTask {
            do throws(VenueError) {
                try await client.call(renewal.call)
                await mailbox.send(.renewed(token, nil))
            } catch {
                await mailbox.send(.renewed(token, error))
            }
        }
    }

    private func reconcile(_ number: Int, after wait: Duration, _ group: inout DiscardingTaskGroup) {
        let (client, mailbox, stream) = (client, mailbox, stream)
        group.addTask {
            await client.clock.sleep(for: wait)
            await mailbox.send(.reconciled(number, try? await stream.snapshot()))
        }
    }

    private mutating func arm(_ group: inout DiscardingTaskGroup) {
        guard let deadline = session.nextDeadline, armed.map({ deadline < $0 }) ?? true else { return }
        armed = deadline
        group.addTask { [clock = client.clock, mailbox] in
            await clock.sleep(until: deadline)
            await mailbox.send(.tick)
        }
    }
}
