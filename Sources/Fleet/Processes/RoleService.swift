internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// A role's loops as a service: runs until they end, and asks them to when the process is told to stop.
struct RoleService: Service {
    let name: String
    let wait: @Sendable () async throws -> Void
    let stop: @Sendable () -> Void

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await wait()
        } onGracefulShutdown: {
            stop()
        }
    }

    /// Runs services until one ends or a signal comes; then the others are asked to stop, the last of the list first.
    static func run(_ services: [RoleService], log: Logger) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
        try await group.run()
    }
}
