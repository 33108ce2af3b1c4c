import Exchange

/// Sends one request through the budgets and reads its answer. Knows nothing of keys.
struct RequestSender: Sendable {
    let client: any WebClient
    let origin: WebOrigin
    let gate: BudgetGate
    let clock: any ConnectorClock
    let settings: ClientSettings

    /// One attempt. `make` gives the request at the last moment before it is written.
    func send<Answer>(
        charges: [BudgetCharge], isCancel: Bool = false, changesState: Bool,
        decode: @Sendable (WebResponse) throws(VenueError) -> Answer,
        make: () async throws(VenueError) -> WebRequest
    ) async throws(VenueError) -> Answer {
        _ = try await gate.enter(charges, isCancel: isCancel, patience: settings.budgetPatience)
        let request = try await make()
        let sent = clock.now().uptime
        let response: WebResponse
        do {
            response = try await client.send(request, to: origin, timeout: settings.timeout)
        } catch {
            throw VenueError(error, changesState: changesState)
        }
        do {
            let answer = try decode(response)
            await gate.answered(response, error: nil, charges: charges, isCancel: isCancel, sent: sent)
            return answer
        } catch {
            await gate.answered(response, error: error, charges: charges, isCancel: isCancel, sent: sent)
            throw error
        }
    }

    /// Several attempts at something that changes nothing at the venue.
    func retrying<Answer>(_ body: () async throws(VenueError) -> Answer) async throws(VenueError) -> Answer {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch {
                // Time does not mend a clock that is off.
                guard case .retryable(let asked) = error.handling, error.kind != .invalidNonce, attempt < settings.attempts,
                    !Task.isCancelled
                else { throw error }
                attempt += 1
                let pause = settings.pause(before: attempt, asked: asked, random: clock.random())
                guard pause <= settings.budgetPatience else { throw error }
                await clock.sleep(for: pause)
            }
        }
    }

    func call<Answer>(_ call: PublicCall<Answer>) async throws(VenueError) -> Answer {
        try await retrying { () async throws(VenueError) -> Answer in
            try await send(charges: call.charges, changesState: false, decode: call.decode) { () throws(VenueError) in
                call.request
            }
        }
    }
}
