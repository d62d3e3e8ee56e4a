//! The graphics processor, through burn's wgpu: Vulkan on Linux and Windows, Metal on macOS.

use super::device::{DeviceError, guarded};
use burn::tensor::wgpu::{WgpuInitError, wgpu};
use burn::tensor::{Device, DeviceKind, DeviceType};
use std::sync::OnceLock;

/// The graphics processor that wgpu prefers, with its name; started once in a process.
pub(super) fn open() -> Result<(Device, String), DeviceError> {
    static OPENED: OnceLock<Result<(Device, String), DeviceError>> = OnceLock::new();
    OPENED
        .get_or_init(|| guarded("that wgpu found", start)?)
        .clone()
}

fn start() -> Result<(Device, String), DeviceError> {
    // Nothing is started on a processor that stands in for a graphics processor: there are drivers
    // that do not survive it.
    let substitute = Device::wgpu(DeviceKind::Cpu);
    if Device::enumerate(DeviceType::Wgpu)
        .iter()
        .all(|device| *device == substitute)
    {
        return Err(DeviceError::NoAdapter {
            reason: "wgpu lists none".to_owned(),
        });
    }
    let (device, setup) =
        Device::wgpu_options()
            .init_with_setup()
            .map_err(|error| match error {
                WgpuInitError::AdapterUnavailable { message, .. } => {
                    DeviceError::NoAdapter { reason: message }
                }
                error => DeviceError::Failed {
                    device: "that wgpu found".to_owned(),
                    reason: error.to_string(),
                },
            })?;
    let adapter = setup.adapter.get_info();
    let name = format!("{} ({})", adapter.name, adapter.backend);
    if adapter.device_type == wgpu::DeviceType::Cpu {
        return Err(DeviceError::NoAdapter {
            reason: format!("{name} is a processor that stands in for one"),
        });
    }
    Ok((device, name))
}
