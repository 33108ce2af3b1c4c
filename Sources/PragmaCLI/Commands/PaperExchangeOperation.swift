internal import ArgumentParser
internal import Configuration
internal import Exchange
internal import Fleet
internal import PaperExchange
internal import PaperServer

extension PaperExchangeCommand {
    /// `pragma paper-exchange fault`.
    struct Fault: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fault", abstract: "Lets something go wrong at a running venue.",
            discussion: """
                Kinds: \(FaultOrder.kinds.map(\.name).joined(separator: ", ")). latency takes --delay, rateLimited and banned \
                --retry-after, clockSkew --skew, partialFills --fraction. Times are real ones. Without --for and --count a fault stays \
                until --clear.

                Example: pragma paper-exchange fault --venue paper-binance --kind latency --delay 500ms --for 30s
                Example: pragma paper-exchange fault --venue paper-binance --kind timeoutAfterAccepting --count 1 --target placing
                Example: pragma paper-exchange fault --venue paper-binance --clear

                JSON keys: fault (kind, target, probability, count, for_ms, and the kind's own delay_ms, retry_after_ms, skew_ms, \
                fraction), with --clear removed. Exit code 2: there is no such venue or kind; 3: no paper exchange runs.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var file: ReadyFileOption
        @Option(name: .long, help: "The venue's name.") var venue: String
        @Option(name: .long, help: "What goes wrong: \(FaultOrder.kinds.map(\.name).joined(separator: ", ")).") var kind: String?
        @Option(name: .long, help: "How much later answers come: 500ms.") var delay: String?
        @Option(name: .long, help: "How long the venue asks to wait, in whole seconds: 5s.") var retryAfter: String?
        @Option(name: .long, parsing: .unconditional, help: "How far the venue's clock is off: 1500ms, -1500ms.") var skew:
            String?
        @Option(name: .long, help: "Which part is filled: 0.0 to 1.0.") var fraction: Double?
        @Option(name: [.customLong("for")], help: "How long: 30s, 5m.") var duration: String?
        @Option(name: .long, help: "How likely each time: 0.0 to 1.0.") var probability = 1.0
        @Option(name: .long, help: "After how many times it ends.") var count: Int?
        @Option(
            name: .long,
            help: "Which requests: \(PaperFault.Target.allCases.map(\.rawValue).joined(separator: ", ")).")
        var target = "any"
        @Flag(name: .long, help: "End all faults of the venue instead.") var clear = false

        func validate() throws {
            if clear == (kind != nil) { throw ValidationError("give --kind, or --clear to end all faults") }
            if kind != nil { _ = try order() }
        }

        func run() async throws {
            let fault = try clear ? nil : order()
            let answer = try await file.ask(global) { control in
                fault.map { control.add($0, to: venue) } ?? control.clearFaults(venue)
            }
            if output.json { return Terminal.json(ConfigValue(answer)) }
            if let removed = answer["removed"]?.integer {
                return Terminal.line("\(venue): \(Format.count(Int(clamping: removed), "fault")) ended")
            }
            Terminal.line("\(venue): \(kind ?? "") is in force")
        }

        /// The fault that the options mean.
        private func order() throws -> FaultOrder {
            let name = kind ?? ""
            guard let known = FaultOrder.kinds.first(where: { $0.name == name }) else {
                throw ValidationError(
                    "'\(name)' is no kind of fault; known are \(FaultOrder.kinds.map(\.name).joined(separator: ", "))")
            }
            var settings = FaultOrder.Settings()
            settings.delay = try read(delay, .delay, FaultOrder.duration, in: .zero...FaultOrder.longest)
            settings.retryAfter = try read(retryAfter, .retryAfter, FaultOrder.duration, in: .seconds(1)...(.seconds(86_400)))
            settings.skewMilliseconds = try read(skew, .skew, FaultOrder.skew, in: Int64.min...Int64.max)
            settings.fraction = try read(fraction.map { "\($0)" }, .fraction, { Double($0) }, in: 0...1)
            for (given, setting) in [(delay, FaultOrder.Setting.delay), (retryAfter, .retryAfter), (skew, .skew)]
            where given != nil && setting != known.setting {
                throw ValidationError("\(Self.option(setting)) means nothing to \(name)")
            }
            guard let kind = FaultOrder.kind(name, settings) else {
                let setting = known.setting ?? .delay
                throw ValidationError("\(name) needs \(Self.option(setting)): \(setting.remedy)")
            }
            return try completed(FaultOrder(kind))
        }

        private func completed(_ fault: FaultOrder) throws -> FaultOrder {
            var fault = fault
            guard let target = PaperFault.Target(rawValue: target) else {
                throw ValidationError(
                    "--target must be one of \(PaperFault.Target.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            guard (0...1).contains(probability) else { throw ValidationError("--probability must be 0.0 to 1.0") }
            if let count, !(1...1_000_000_000).contains(count) { throw ValidationError("--count must be 1 to 1000000000") }
            if let duration {
                guard let length = FaultOrder.duration(duration), (.milliseconds(1)...(.seconds(31_536_000))).contains(length)
                else {
                    throw ValidationError("--for must be a duration up to 365d: 30s, 5m")
                }
                fault.duration = length
            }
            fault.target = target
            fault.probability = probability
            fault.count = count
            return fault
        }

        private func read<Value: Comparable>(
            _ text: String?, _ setting: FaultOrder.Setting, _ parse: (String) -> Value?, in range: ClosedRange<Value>
        ) throws -> Value? {
            guard let text else { return nil }
            if let value = parse(text), range.contains(value) { return value }
            throw ValidationError("\(Self.option(setting)) cannot be '\(text)': \(setting.remedy)")
        }

        private static func option(_ setting: FaultOrder.Setting) -> String { "--" + setting.rawValue.replacing("_", with: "-") }
    }

    /// `pragma paper-exchange books`.
    struct Books: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "books", abstract: "Shows who has what at a running venue, and whether its sums are right.",
            discussion: """
                Fills are summed over those that the venue keeps: the newest ten thousand of an account.

                Example: pragma paper-exchange books --venue paper-binance --json

                JSON keys: venue, time (milliseconds), requests, streams, slow_streams_cut, faults (in_force, struck), markets (pair, \
                last, bid, ask, is_over), accounts (name, key, balances (asset, free, locked), open_orders, fills (count, pairs (pair, \
                count, bought, sold, spent, received), fees)), conservation (asset, deposited, total, is_conserved), is_conserved. \
                Exit code 1: the sums are not right; 3: no paper exchange runs.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var file: ReadyFileOption
        @Option(name: .long, help: "The venue's name.") var venue: String

        func run() async throws {
            let books = try await file.ask(global) { $0.books(venue) }
            if output.json { Terminal.json(ConfigValue(books)) } else { report(books) }
            if books["is_conserved"]?.bool != true { throw ExitCode(FleetError.Code.negative.rawValue) }
        }

        private func report(_ books: JSONValue) {
            var balances = TextTable([.left("account"), .left("asset"), .right("free"), .right("locked")])
            for account in books["accounts"]?.elements ?? [] {
                for balance in account["balances"]?.elements ?? [] {
                    balances.add([text(account, "name"), text(balance, "asset"), text(balance, "free"), text(balance, "locked")])
                }
            }
            Terminal.line(balances.text)
            for account in books["accounts"]?.elements ?? [] {
                let open = account["open_orders"]?.elements?.count ?? 0
                let fills = account["fills"]?["count"]?.digits ?? "0"
                Terminal.line("\(text(account, "name")): \(Format.count(open, "open order")), \(fills) fills")
            }
            let struck = books["faults"]?["struck"]?.members?.map { "\($0.name) \($0.value.digits ?? "")" } ?? []
            Terminal.line(
                "\(text(books, "requests")) requests, \(text(books, "streams")) streams, faults that struck: "
                    + (struck.isEmpty ? "none" : struck.joined(separator: ", ")))
            let wrong = books["conservation"]?.elements?.filter { $0["is_conserved"]?.bool != true } ?? []
            for row in wrong {
                Terminal.line("\(text(row, "asset")): \(text(row, "total")) in all accounts, \(text(row, "deposited")) came in")
            }
            if wrong.isEmpty { Terminal.line("what came in is what all accounts have, in every asset") }
        }

        private func text(_ json: JSONValue, _ name: String) -> String { json[name]?.digits ?? "" }
    }
}
