//! Plain arrays: npy for one, safetensors for several with words about them.

use super::piece::TrackError;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::collections::HashMap;
use std::io::Write;

/// 32-bit numbers in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// What it is called where several lie in one file.
    pub name: String,
    /// Its sizes, slowest first.
    pub shape: Vec<usize>,
    /// As many values as the shape has room for.
    pub values: Vec<f32>,
}

impl Array {
    fn checked(&self) -> Result<(), TrackError> {
        let expected = self.shape.iter().product();
        if expected == self.values.len() {
            return Ok(());
        }
        Err(TrackError::Shape {
            name: self.name.clone(),
            expected,
            found: self.values.len(),
        })
    }
}

/// Writes one array as npy (version 1, `<f4`, C order), which `NumPy` opens.
///
/// # Errors
/// [`TrackError`].
pub fn write_npy(out: &mut impl Write, array: &Array) -> Result<(), TrackError> {
    use npyz::WriterBuilder as _;
    array.checked()?;
    let shape: Vec<u64> = array.shape.iter().map(|&size| size as u64).collect();
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&shape)
        .writer(&mut *out)
        .begin_nd()?;
    writer.extend(array.values.iter().copied())?;
    writer.finish()?;
    Ok(out.flush()?)
}

/// Writes arrays as safetensors; `description` (JSON) is their metadata under the key `headlight`.
///
/// # Errors
/// [`TrackError`].
pub fn write_safetensors(
    out: &mut impl Write,
    arrays: &[Array],
    description: &str,
) -> Result<(), TrackError> {
    let bytes: Vec<Vec<u8>> = arrays
        .iter()
        .map(|array| array.values.iter().flat_map(|v| v.to_le_bytes()).collect())
        .collect();
    let mut views = Vec::with_capacity(arrays.len());
    for (array, bytes) in arrays.iter().zip(&bytes) {
        array.checked()?;
        let view = TensorView::new(Dtype::F32, array.shape.clone(), bytes);
        let view = view.map_err(|error| std::io::Error::other(error.to_string()))?;
        views.push((array.name.as_str(), view));
    }
    // One key: the order of several would differ from run to run.
    let metadata = HashMap::from([("headlight".to_owned(), description.to_owned())]);
    let bytes = safetensors::serialize(views, Some(metadata))
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    out.write_all(&bytes)?;
    Ok(out.flush()?)
}
