//! From a request's tensor to pictures for the model.

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data::ImageShape;

use crate::api::kserve::request::{InputTensor, ParsedRequest};
use crate::api::kserve::tensor_data::TensorData;
use crate::inference::picture::PictureData;
use crate::net::limits::MAX_PICTURES;
use crate::problem::Problem;

/// The input of encoded pictures, `BYTES` `[pictures]`.
pub const PICTURE: &str = "picture";
/// The input of levels from 0 to 255, `UINT8` `[pictures, channels, height, width]`.
pub const PIXELS: &str = "pixels";
/// The input of levels from 0 to 1, `FP32` `[pictures, channels, height, width]`.
pub const LEVELS: &str = "levels";

/// Number of bytes of an FP32 element.
const FLOAT_BYTES: usize = 4;

/// The pictures of a request, at least one, for a model with inputs of `shape`.
///
/// # Errors
///
/// 400 if the tensor is not one that the model takes, or its elements do not fit its shape; 413 if
/// it has too many pictures.
pub fn pictures(request: &ParsedRequest, shape: ImageShape) -> Result<Vec<PictureData>, Problem> {
    let [input] = &request.json.inputs[..] else {
        let found = request.json.inputs.len();
        return Err(Problem::bad_request(format!("the request has {found} inputs: send one")));
    };
    let binary = binary(input, &request.binary)?;
    let elements = match (binary, &input.data) {
        (Some(bytes), None) => Elements::Binary(bytes),
        (None, Some(data)) => Elements::Json(data),
        (None, None) => return Err(refuse(input, "it has no data")),
        (Some(_), Some(_)) => return Err(refuse(input, "it has both data and binary_data_size")),
    };
    match (input.name.as_str(), input.datatype.as_str()) {
        (PICTURE, "BYTES") => {
            let count = count(input, &[])?;
            files(input, elements, count)
        }
        (PIXELS, "UINT8") | (LEVELS, "FP32") => {
            let sides = [shape.channels, shape.height, shape.width].map(|side| side as u64);
            let size = count(input, &sides)? * shape.pixels();
            let levels = match input.name.as_str() {
                PIXELS => pixels(input, elements, size)?,
                _ => rounded(input, &floats(input, elements, size)?)?,
            };
            let picture = |from: usize| levels.slice(from..from + shape.pixels());
            let starts = (0..size).step_by(shape.pixels());
            Ok(starts.map(|from| PictureData::Tensor(picture(from))).collect())
        }
        (_, datatype) => Err(refuse(
            input,
            &format!(
                "no input has this name and the datatype {datatype:?}: send {PICTURE} (BYTES), \
                 {PIXELS} (UINT8) or {LEVELS} (FP32)"
            ),
        )),
    }
}

/// Where a tensor's elements are.
enum Elements<'a> {
    Binary(Bytes),
    Json(&'a TensorData),
}

fn refuse(input: &InputTensor, mistake: &str) -> Problem {
    Problem::bad_request(format!("input {:?}: {mistake}", input.name))
}

/// The bytes behind the JSON, if the input says that its elements are there.
fn binary(input: &InputTensor, bytes: &Bytes) -> Result<Option<Bytes>, Problem> {
    let announced = input.parameters.binary_data_size;
    if announced.unwrap_or(0) == bytes.len() as u64 {
        return Ok(announced.map(|_| bytes.clone()));
    }
    let found = bytes.len();
    let mistake = match announced {
        Some(size) => format!("binary_data_size is {size}, but {found} bytes follow the JSON"),
        None => format!("it has no binary_data_size, but {found} bytes follow the JSON"),
    };
    Err(refuse(input, &mistake))
}

/// The number of pictures, if the shape is that number and `sides`.
fn count(input: &InputTensor, sides: &[u64]) -> Result<usize, Problem> {
    let expected = || {
        let sides: Vec<String> = sides.iter().map(u64::to_string).collect();
        let sides = [&["pictures".to_owned()], &sides[..]].concat().join(", ");
        format!("the shape is {:?}: expected [{sides}]", input.shape)
    };
    let count = match input.shape.split_first() {
        Some((&count, found)) if found == sides && count > 0 => count,
        _ => return Err(refuse(input, &expected())),
    };
    match usize::try_from(count) {
        Ok(count) if count <= MAX_PICTURES => Ok(count),
        _ => Err(Problem::too_large(format!(
            "input {:?} has {count} pictures, more than the limit of {MAX_PICTURES}",
            input.name
        ))),
    }
}

fn wrong_size(input: &InputTensor, found: usize, expected: usize, unit: &str) -> Problem {
    refuse(input, &format!("it has {found} {unit}, but its shape has {expected}"))
}

/// The numbers of a JSON tensor, as many as `size`.
fn numbers<'a>(
    input: &InputTensor,
    data: &'a TensorData,
    size: usize,
) -> Result<&'a [f32], Problem> {
    match data {
        TensorData::Numbers(numbers) if numbers.len() == size => Ok(numbers),
        TensorData::Numbers(numbers) => Err(wrong_size(input, numbers.len(), size, "numbers")),
        TensorData::Strings(_) => Err(refuse(input, "its data are strings, not numbers")),
    }
}

/// Levels from 0 to 255.
fn pixels(input: &InputTensor, elements: Elements, size: usize) -> Result<Bytes, Problem> {
    match elements {
        Elements::Binary(bytes) if bytes.len() == size => Ok(bytes),
        Elements::Binary(bytes) => Err(wrong_size(input, bytes.len(), size, "bytes")),
        Elements::Json(data) => {
            let level = |(at, &number): (usize, &f32)| {
                let is_level = (0.0..=255.0).contains(&number) && number.fract() == 0.0;
                is_level.then_some(number as u8).ok_or_else(|| {
                    let found =
                        format!("element {at} is {number}: expected a whole number from 0 to 255");
                    refuse(input, &found)
                })
            };
            numbers(input, data, size)?.iter().enumerate().map(level).collect()
        }
    }
}

/// Numbers of an FP32 tensor.
fn floats(input: &InputTensor, elements: Elements, size: usize) -> Result<Vec<f32>, Problem> {
    match elements {
        Elements::Binary(bytes) if bytes.len() == FLOAT_BYTES * size => {
            let (floats, _) = bytes.as_chunks();
            Ok(floats.iter().map(|float| f32::from_le_bytes(*float)).collect())
        }
        Elements::Binary(bytes) => Err(wrong_size(input, bytes.len(), FLOAT_BYTES * size, "bytes")),
        Elements::Json(data) => numbers(input, data, size).map(<[f32]>::to_vec),
    }
}

/// Levels from 0 to 1 as levels from 0 to 255.
fn rounded(input: &InputTensor, floats: &[f32]) -> Result<Bytes, Problem> {
    let level = |(at, &number): (usize, &f32)| {
        (0.0..=1.0).contains(&number).then_some((number * 255.0).round() as u8).ok_or_else(|| {
            refuse(input, &format!("element {at} is {number}: expected a number from 0 to 1"))
        })
    };
    floats.iter().enumerate().map(level).collect()
}

/// Encoded pictures: in JSON in Base64, in binary each behind its length (32 bits, little-endian).
fn files(
    input: &InputTensor,
    elements: Elements,
    count: usize,
) -> Result<Vec<PictureData>, Problem> {
    let files: Vec<Bytes> = match elements {
        Elements::Binary(mut rest) => {
            let mut files = Vec::new();
            while !rest.is_empty() {
                let file = next_file(&mut rest)
                    .ok_or_else(|| refuse(input, "an element is shorter than its length"))?;
                files.push(file);
                if files.len() > count {
                    break;
                }
            }
            files
        }
        Elements::Json(TensorData::Strings(texts)) => {
            let decode = |(at, text): (usize, &String)| {
                STANDARD.decode(text).map(Bytes::from).map_err(|error| {
                    refuse(input, &format!("element {at} is not Base64 ({error})"))
                })
            };
            texts.iter().take(count + 1).enumerate().map(decode).collect::<Result<_, _>>()?
        }
        Elements::Json(TensorData::Numbers(_)) => {
            return Err(refuse(input, "its data are not strings: send each picture in Base64"));
        }
    };
    if files.len() != count {
        let mistake = format!("its data do not have the {count} elements that its shape has");
        return Err(refuse(input, &mistake));
    }
    Ok(files.into_iter().map(PictureData::File).collect())
}

/// Takes the length and the bytes of an element.
fn next_file(rest: &mut Bytes) -> Option<Bytes> {
    let length = u32::from_le_bytes(*rest.first_chunk()?) as usize;
    let file = rest.slice(size_of::<u32>()..);
    if length > file.len() {
        return None;
    }
    *rest = file.slice(length..);
    Some(file.slice(..length))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};
    use serde_json::{Value, json};

    use super::*;
    use crate::api::kserve::JSON_LENGTH_HEADER;

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 1, width: 2 };

    #[allow(clippy::needless_pass_by_value)] // Every caller makes one.
    fn parse(input: Value, binary: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        let head = json!({ "inputs": [input] }).to_string();
        let length = HeaderValue::from_str(&head.len().to_string()).unwrap();
        let headers: HeaderMap =
            [(axum::http::HeaderName::from_static(JSON_LENGTH_HEADER), length)]
                .into_iter()
                .collect();
        let body = Bytes::from([head.as_bytes(), binary].concat());
        let request = ParsedRequest::parse(&headers, &body).map_err(|problem| problem.detail)?;
        let pictures = pictures(&request, SHAPE).map_err(|problem| problem.detail)?;
        Ok(pictures
            .into_iter()
            .map(|picture| match picture {
                PictureData::File(bytes) | PictureData::Tensor(bytes) => bytes.to_vec(),
                PictureData::Json(_) => panic!("no picture of pixels in JSON"),
            })
            .collect())
    }

    fn tensor(name: &str, datatype: &str, shape: &[u64], data: &Value) -> Value {
        json!({ "name": name, "datatype": datatype, "shape": shape, "data": data })
    }

    fn binary_tensor(name: &str, datatype: &str, shape: &[u64], size: usize) -> Value {
        let parameters = json!({ "binary_data_size": size });
        json!({ "name": name, "datatype": datatype, "shape": shape, "parameters": parameters })
    }

    #[test]
    fn levels_in_json_and_in_binary_are_the_same() {
        let expected = [vec![0, 255], vec![128, 1]];
        let shape = [2, 1, 1, 2];
        let nested = json!([[[[0, 255]]], [[[128, 1]]]]);
        assert_eq!(parse(tensor(PIXELS, "UINT8", &shape, &nested), b"").unwrap(), expected);
        let found = parse(binary_tensor(PIXELS, "UINT8", &shape, 4), &[0, 255, 128, 1]).unwrap();
        assert_eq!(found, expected);
        let levels = [0.0_f32, 1.0, 128.0 / 255.0, 1.0 / 255.0];
        let flat = json!(levels);
        assert_eq!(parse(tensor(LEVELS, "FP32", &shape, &flat), b"").unwrap(), expected);
        let bytes = levels.map(f32::to_le_bytes).concat();
        assert_eq!(parse(binary_tensor(LEVELS, "FP32", &shape, 16), &bytes).unwrap(), expected);
    }

    #[test]
    fn files_in_base64_and_behind_their_lengths_are_the_same() {
        let expected = [b"ab".to_vec(), b"".to_vec()];
        let found = parse(tensor(PICTURE, "BYTES", &[2], &json!(["YWI=", ""])), b"").unwrap();
        assert_eq!(found, expected);
        let bytes = b"\x02\0\0\0ab\0\0\0\0";
        assert_eq!(parse(binary_tensor(PICTURE, "BYTES", &[2], 10), bytes).unwrap(), expected);
    }

    #[test]
    fn mistakes_are_named() {
        let one = [1, 1, 1, 2];
        for (input, binary, word) in [
            (tensor("image", "UINT8", &one, &json!([0, 0])), &b""[..], "pixels (UINT8)"),
            (tensor(PIXELS, "FP32", &one, &json!([0, 0])), b"", "levels (FP32)"),
            (tensor(PIXELS, "UINT8", &[1, 2, 1, 1], &json!([0, 0])), b"", "[pictures, 1, 1, 2]"),
            (tensor(PIXELS, "UINT8", &[0, 1, 1, 2], &json!([])), b"", "[pictures, 1, 1, 2]"),
            (tensor(PIXELS, "UINT8", &[], &json!([])), b"", "[pictures, 1, 1, 2]"),
            (tensor(PIXELS, "UINT8", &[65, 1, 1, 2], &json!([0])), b"", "limit of 64"),
            (tensor(PIXELS, "UINT8", &[u64::MAX, 1, 1, 2], &json!([0])), b"", "limit of 64"),
            (tensor(PIXELS, "UINT8", &one, &json!([0])), b"", "1 numbers"),
            (tensor(PIXELS, "UINT8", &one, &json!([0, 256])), b"", "element 1 is 256"),
            (tensor(PIXELS, "UINT8", &one, &json!([0.5, 0])), b"", "element 0 is 0.5"),
            (tensor(LEVELS, "FP32", &one, &json!([0, 1.01])), b"", "element 1 is 1.01"),
            (tensor(PIXELS, "UINT8", &one, &json!(["a"])), b"", "strings"),
            (tensor(PICTURE, "BYTES", &[1], &json!([1])), b"", "Base64"),
            (tensor(PICTURE, "BYTES", &[1], &json!(["?"])), b"", "Base64"),
            (tensor(PICTURE, "BYTES", &[2], &json!(["YWI="])), b"", "2 elements"),
            (binary_tensor(LEVELS, "FP32", &one, 7), b"1234567", "7 bytes"),
            (binary_tensor(PIXELS, "UINT8", &one, 3), b"12", "binary_data_size is 3"),
            (tensor(PIXELS, "UINT8", &one, &json!([0, 0])), b"1", "no binary_data_size"),
            (binary_tensor(PICTURE, "BYTES", &[1], 6), b"\x03\0\0\0ab", "shorter"),
            (binary_tensor(PICTURE, "BYTES", &[1], 3), b"\0\0\0", "shorter"),
            (json!({ "name": PIXELS, "datatype": "UINT8", "shape": one }), b"", "no data"),
        ] {
            let shown = input.to_string();
            let error = parse(input, binary).unwrap_err();
            assert!(error.contains(word), "{shown}: {error}");
        }
        let nan = [f32::NAN, 0.0].map(f32::to_le_bytes).concat();
        let error = parse(binary_tensor(LEVELS, "FP32", &one, 8), &nan).unwrap_err();
        assert!(error.contains("element 0 is NaN"), "{error}");
    }
}
