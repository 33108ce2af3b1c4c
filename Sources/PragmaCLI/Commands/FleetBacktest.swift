internal import Configuration
internal import Coordination
internal import Fleet
internal import FleetProtocol

/// A single backtest through the fleet.
enum FleetBacktest {
    /// Submits the backtest (or finds it in the store), waits for its end, and returns its report.
    static func run(
        _ configuration: EffectiveConfiguration, dataFolder: String, fresh: Bool, node: ClientNode
    ) throws(FleetError) -> ConfigValue {
        let client = try ControlClient(node)
        let built = try JobBuilder(dataFolder: dataFolder, exchange: configuration.exchange.name).backtest(
            configuration, fresh: fresh)
        let accepted = try JobSubmission.submit(built, to: client)
        if accepted.isExisting {
            Terminal.note("job \(accepted.id) was run before; its result comes from the store (--fresh runs it anew)")
        }
        let line = try JobWatch(client, job: accepted.id).untilEnd()
        guard line.state == .succeeded else { throw FleetError(.negative, try failure(of: accepted.id, line, client)) }
        guard let bytes = try JobSubmission.results(of: accepted.id, from: client).first else {
            throw FleetError(.system, "job \(accepted.id) has no result")
        }
        do throws(JSONReader.SyntaxError) { return try report(bytes) } catch {
            throw FleetError(.system, "the result of job \(accepted.id) cannot be read: \(error.problem)")
        }
    }

    /// A report from its bytes. It is not limited as configurations are: some thousand trades have more values than those may.
    static func report(_ bytes: [UInt8]) throws(JSONReader.SyntaxError) -> ConfigValue {
        var limits = JSONReader.Limits()
        limits.bytes = max(bytes.count, 1)
        limits.values = .max
        return try JSONReader.read(bytes, origin: .none, options: .strict, limits: limits).value
    }

    /// What the last attempt said.
    static func failure(of job: JobID, _ line: JobLine, _ client: ControlClient) throws(FleetError) -> String {
        var reason = ""
        if case .job(let answer) = try client.query(.show(job)) {
            let attempt = answer.attempts.last { !$0.message.isEmpty }
            reason = attempt.map { ": \($0.message)" } ?? ""
        }
        return "job \(job) \(line.state.rawValue)\(reason)"
    }
}
