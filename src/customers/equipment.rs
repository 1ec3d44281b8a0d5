//! Devices fitted at a customer: columns 67–75 of the client list (business §6).

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Device {
    FlowMeter,
    WiredMeter,
    ChangeoverValve,
    /// The column without a heading, after 切替器. Kept, for nobody remembers what it counts.
    Unnamed70,
    ContactGauge,
    DifferentialSwitch,
    MicroSwitch,
    Yongsheng,
    SmartScale,
}

impl Device {
    /// In the order of the client list.
    pub const ALL: [Device; 9] = [
        Device::FlowMeter,
        Device::WiredMeter,
        Device::ChangeoverValve,
        Device::Unnamed70,
        Device::ContactGauge,
        Device::DifferentialSwitch,
        Device::MicroSwitch,
        Device::Yongsheng,
        Device::SmartScale,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Device::FlowMeter => "flow_meter",
            Device::WiredMeter => "wired_meter",
            Device::ChangeoverValve => "changeover_valve",
            Device::Unnamed70 => "unnamed_70",
            Device::ContactGauge => "contact_gauge",
            Device::DifferentialSwitch => "differential_switch",
            Device::MicroSwitch => "micro_switch",
            Device::Yongsheng => "yongsheng",
            Device::SmartScale => "smart_scale",
        }
    }

    /// The heading of its column, which is what the shop calls it.
    pub fn label(self) -> &'static str {
        match self {
            Device::FlowMeter => "流量表",
            Device::WiredMeter => "帶線流量錶",
            Device::ChangeoverValve => "切替器",
            Device::Unnamed70 => "未命名設備",
            Device::ContactGauge => "接點式壓力錶",
            Device::DifferentialSwitch => "壓差開關",
            Device::MicroSwitch => "微動開關",
            Device::Yongsheng => "永勝",
            Device::SmartScale => "智慧秤",
        }
    }

    pub fn from_word(word: &str) -> Option<Device> {
        Device::ALL.into_iter().find(|device| device.word() == word)
    }
}
