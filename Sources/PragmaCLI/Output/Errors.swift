internal import Configuration
internal import Execution
internal import Fleet
internal import MarketData
internal import Strategies

// Errors of the libraries as errors of a command, with the exit code that fits.

extension FleetError {
    /// Every problem of a configuration, one a line.
    init(_ error: ConfigurationError) {
        self.init(.input, "the configuration cannot be used:\n\(error)")
    }

    /// A file of market data that cannot be used.
    init(_ error: MarketDataError) {
        self.init(error.kind == .inputOutput ? .system : .input, error.description)
    }

    /// A run that did not start or did not end.
    init(_ error: ExecutionError) {
        self.init(error == .stopped ? .interrupted : .input, error.description)
    }

    /// A name that no strategy has.
    init(_ error: StrategyRegistryError) { self.init(.input, error.description) }
}

extension FleetError {
    /// Runs `body` and turns the errors it knows into those of a command.
    static func mapping<Result>(_ body: () throws -> Result) throws(FleetError) -> Result {
        do {
            return try body()
        } catch let error as FleetError {
            throw error
        } catch let error as MarketDataError {
            throw FleetError(error)
        } catch let error as ConfigurationError {
            throw FleetError(error)
        } catch let error as ExecutionError {
            throw FleetError(error)
        } catch let error as StrategyRegistryError {
            throw FleetError(error)
        } catch {
            throw FleetError(.negative, "\(error)")
        }
    }
}
