import Configuration
import PaperExchange

/// Reads the scripted faults of a venue.
enum FaultReader {
    private static let keys =
        ["kind", "at", "for", "probability", "count", "target"] + FaultOrder.Setting.allCases.map(\.rawValue)

    static func list(_ venue: SectionReader) -> [PaperExchangeConfiguration.ScriptedFault] {
        guard let sections = venue.sections("faults") else { return [] }
        if sections.count > FaultPlan.maximumFaults {
            venue.add(
                .outOfRange, "faults", "has more than \(FaultPlan.maximumFaults) faults", remedy: "keep the script shorter")
        }
        return sections.compactMap { section in
            section.reportUnknown(.error, known: keys, remedy: "remove it")
            let at = section.duration("at", in: .zero...(.seconds(31_536_000))) ?? .zero
            return kind(section).map { kind in
                var fault = FaultOrder(kind)
                fault.duration = section.duration("for", in: .milliseconds(1)...(.seconds(31_536_000)))
                fault.probability = section.number("probability", in: 0...1) ?? 1
                fault.count = section.integer("count", in: 1...1_000_000_000)
                let targets = PaperFault.Target.allCases.map(\.rawValue)
                fault.target = section.choice("target", of: targets).flatMap(PaperFault.Target.init) ?? .any
                return PaperExchangeConfiguration.ScriptedFault(fault: fault, at: at)
            }
        }
    }

    private static func kind(_ section: SectionReader) -> PaperFault.Kind? {
        let names = FaultOrder.kinds.map(\.name)
        if section.member("kind") == nil { section.addMissing("kind", remedy: "choose from \(names.joined(separator: ", "))") }
        guard let name = section.choice("kind", of: names), let wanted = FaultOrder.kinds.first(where: { $0.name == name }) else {
            return nil
        }
        for setting in FaultOrder.Setting.allCases where setting != wanted.setting && section.member(setting.rawValue) != nil {
            section.add(.notAllowed, setting.rawValue, "means nothing to \(name)", remedy: "remove it")
        }
        var settings = FaultOrder.Settings()
        if let setting = wanted.setting {
            guard section.member(setting.rawValue) != nil else {
                section.addMissing(setting.rawValue, remedy: setting.remedy)
                return nil
            }
            read(setting, section, into: &settings)
        }
        return FaultOrder.kind(name, settings)
    }

    private static func read(_ setting: FaultOrder.Setting, _ section: SectionReader, into settings: inout FaultOrder.Settings) {
        let key = setting.rawValue
        switch setting {
        case .delay: settings.delay = section.duration(key, in: .zero...FaultOrder.longest)
        case .retryAfter: settings.retryAfter = section.duration(key, in: .seconds(1)...(.seconds(86_400)))
        case .fraction: settings.fraction = section.number(key, in: 0...1)
        case .skew:
            settings.skewMilliseconds = section.member(key).flatMap { FaultOrder.skew($0.string ?? $0.number?.text ?? "") }
            if settings.skewMilliseconds == nil { section.add(.duration, key, "is no skew", remedy: setting.remedy) }
        }
    }
}

extension FaultOrder {
    /// A skew in milliseconds, `-1500ms` or `2s`; nil for none and beyond `longest`.
    package static func skew(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        guard let size = duration(isNegative ? String(text.dropFirst()) : text), size <= longest else { return nil }
        return Int64(size.inMilliseconds) * (isNegative ? -1 : 1)
    }

    /// A duration of a role file, `500ms`, `30s` or a number of seconds; nil for none.
    package static func duration(_ text: String) -> Duration? {
        SectionReader.duration(Double(text).map { ConfigValue(.number(ConfigNumber($0))) } ?? ConfigValue(.string(text)))
    }
}
