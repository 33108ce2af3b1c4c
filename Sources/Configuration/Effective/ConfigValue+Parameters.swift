import Strategies

extension ConfigValue {
    /// Parameter values as the `strategy_parameters` section.
    static func parameters(_ values: ParameterValues) -> ConfigValue {
        var members: Object = [:]
        for (name, value) in zip(values.names, values.values) {
            members[name] =
                switch value {
                case .integer(let number): ConfigValue(.number(ConfigNumber(Int64(number))))
                case .decimal(let number): ConfigValue(.number(ConfigNumber(number)))
                case .boolean(let flag): ConfigValue(.boolean(flag))
                case .text(let text): ConfigValue(.string(text))
                }
        }
        return ConfigValue(.object(members))
    }
}
