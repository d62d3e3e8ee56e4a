//! The stack machine of Python's `pickle`, protocols 0 to 5.
//!
//! Every length is checked against the bytes that are there.

use super::pickle::{Id, Object, Value};
use std::collections::HashMap;

/// Values in all. Those of a whole module are some 3,000.
const MAX_VALUES: usize = 500_000;

/// Where the values that repeat lie.
const NONE: Id = 0;
const OTHER: Id = 1;
const FALSE: Id = 2;
const TRUE: Id = 3;

/// Reads the pickle that begins at `start`: its values, which of them is the root, and where it ends.
///
/// The error says at which byte the pickle breaks which rule.
pub(super) fn run(bytes: &[u8], start: usize) -> Result<(Vec<Value>, Id, usize), String> {
    let mut machine = Machine {
        bytes,
        at: start,
        values: vec![
            Value::None,
            Value::Other,
            Value::Bool(false),
            Value::Bool(true),
        ],
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    loop {
        let at = machine.at;
        match machine.step() {
            Ok(None) => {}
            Ok(Some(root)) => return Ok((machine.values, root, machine.at)),
            Err(problem) => return Err(format!("at byte {at} of the pickle: {problem}")),
        }
    }
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
}

type Step<T> = Result<T, String>;

impl Machine<'_> {
    /// Runs one instruction; the last one gives the root.
    #[allow(
        clippy::too_many_lines,
        reason = "one arm an instruction is the clearest form of the table"
    )]
    fn step(&mut self) -> Step<Option<Id>> {
        let code = self.byte()?;
        match code {
            // Protocol; frames only help readers of streams.
            0x80 => {
                self.skip(1)?;
            }
            0x95 => {
                self.skip(8)?;
            }
            b'.' => return self.pop().map(Some),

            b'(' => self.marks.push(self.stack.len()),
            b'0' => {
                self.pop()?;
            }
            b'1' => {
                self.since_mark()?;
            }
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }

            b'N' => self.stack.push(NONE),
            0x88 => self.stack.push(TRUE),
            0x89 => self.stack.push(FALSE),
            b'K' => self.integer(1)?,
            b'M' => self.integer(2)?,
            b'J' => {
                let number = self.number(4)? as u32;
                self.push(Value::Int(number.cast_signed().into()))?;
            }
            b'I' | b'L' => {
                let (from, to) = self.line()?;
                let text = std::str::from_utf8(&self.bytes[from..to]).unwrap_or_default();
                match text.trim_end_matches('L') {
                    "00" => self.stack.push(FALSE),
                    "01" => self.stack.push(TRUE),
                    digits => match digits.parse() {
                        Ok(number) => self.push(Value::Int(number))?,
                        Err(_) => self.stack.push(OTHER),
                    },
                }
            }
            0x8a => {
                let length = self.number(1)?;
                self.long(length)?;
            }
            0x8b => {
                let length = self.number(4)?;
                self.long(length)?;
            }
            b'F' => {
                self.line()?;
                self.stack.push(OTHER);
            }
            b'G' => {
                self.skip(8)?;
                self.stack.push(OTHER);
            }

            b'S' | b'V' => {
                let (mut from, mut to) = self.line()?;
                if code == b'S' && to >= from + 2 {
                    // In quotes; escapes stay as they are, names have none.
                    from += 1;
                    to -= 1;
                }
                self.text(from, to)?;
            }
            b'X' | b'T' => self.sized_text(4)?,
            b'U' | 0x8c => self.sized_text(1)?,
            0x8d => self.sized_text(8)?,
            b'B' => self.sized_bytes(4)?,
            b'C' => self.sized_bytes(1)?,
            0x8e | 0x96 => self.sized_bytes(8)?,

            b')' => self.push(Value::Tuple(Vec::new()))?,
            b't' => {
                let items = self.since_mark()?;
                self.push(Value::Tuple(items))?;
            }
            0x85..=0x87 => {
                let first = self.stack.len().checked_sub(usize::from(code - 0x84));
                let first = first
                    .filter(|&first| first >= self.floor())
                    .ok_or("the stack is empty")?;
                let items = self.stack.split_off(first);
                self.push(Value::Tuple(items))?;
            }
            b']' | 0x8f => self.push(Value::List(Vec::new()))?,
            b'l' | 0x91 => {
                let items = self.since_mark()?;
                self.push(Value::List(items))?;
            }
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            b'e' | 0x90 => {
                let items = self.since_mark()?;
                self.append(&items)?;
            }
            b'}' => self.push(Value::Dict(Vec::new()))?,
            b'd' => {
                let items = self.since_mark()?;
                self.push(Value::Dict(pairs(&items)?))?;
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.insert(&[key, value])?;
            }
            b'u' => {
                let items = self.since_mark()?;
                self.insert(&items)?;
            }

            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.text(module.0, module.1)?;
                self.text(name.0, name.1)?;
                self.name()?;
            }
            0x93 => self.name()?,
            b'R' | 0x81 => {
                let arguments = self.pop()?;
                let class = self.pop()?;
                self.object(class, arguments)?;
            }
            0x92 => {
                self.pop()?;
                let arguments = self.pop()?;
                let class = self.pop()?;
                self.object(class, arguments)?;
            }
            b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                let items = self.since_mark()?;
                self.text(module.0, module.1)?;
                self.text(name.0, name.1)?;
                self.name()?;
                let class = self.pop()?;
                self.push(Value::Tuple(items))?;
                let arguments = self.pop()?;
                self.object(class, arguments)?;
            }
            b'o' => {
                let mut items = self.since_mark()?;
                if items.is_empty() {
                    return Err("an object without a class".to_owned());
                }
                let class = items.remove(0);
                self.push(Value::Tuple(items))?;
                let arguments = self.pop()?;
                self.object(class, arguments)?;
            }
            b'b' => {
                let state = self.pop()?;
                let object = self.top()?;
                if let Value::Object(object) = &mut self.values[object as usize] {
                    object.state = Some(state);
                }
            }

            b'P' => {
                let (from, to) = self.line()?;
                self.text(from, to)?;
                let reference = self.pop()?;
                self.push(Value::Persistent(reference))?;
            }
            b'Q' => {
                let reference = self.pop()?;
                self.push(Value::Persistent(reference))?;
            }

            b'p' | b'g' => {
                let (from, to) = self.line()?;
                let index = std::str::from_utf8(&self.bytes[from..to])
                    .ok()
                    .and_then(|digits| digits.parse().ok())
                    .ok_or("a memo index that is no number")?;
                self.remember_or_recall(code == b'p', index)?;
            }
            b'q' | b'h' => {
                let index = self.number(1)?;
                self.remember_or_recall(code == b'q', index)?;
            }
            b'r' | b'j' => {
                let index = self.number(4)?;
                self.remember_or_recall(code == b'r', index)?;
            }
            0x94 => self.remember_or_recall(true, self.memo.len() as u64)?,

            _ => return Err(format!("no such instruction: 0x{code:02x}")),
        }
        Ok(None)
    }

    fn byte(&mut self) -> Step<u8> {
        let byte = *self.bytes.get(self.at).ok_or("it ends without a stop")?;
        self.at += 1;
        Ok(byte)
    }

    fn skip(&mut self, count: u64) -> Step<(usize, usize)> {
        let from = self.at;
        let left = (self.bytes.len() - from) as u64;
        if count > left {
            return Err(format!("{count} bytes are announced, {left} are left"));
        }
        self.at += count as usize;
        Ok((from, self.at))
    }

    /// An unsigned number of up to eight bytes, the lowest first.
    fn number(&mut self, bytes: u64) -> Step<u64> {
        let (from, to) = self.skip(bytes)?;
        let digits = self.bytes[from..to].iter().rev();
        Ok(digits.fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// To the end of the line, which is left out.
    fn line(&mut self) -> Step<(usize, usize)> {
        let from = self.at;
        let length = self.bytes[from..]
            .iter()
            .position(|&byte| byte == b'\n')
            .ok_or("a line without end")?;
        self.at = from + length + 1;
        Ok((from, from + length))
    }

    fn push(&mut self, value: Value) -> Step<()> {
        if self.values.len() >= MAX_VALUES {
            return Err(format!("more than {MAX_VALUES} values, which no model has"));
        }
        self.stack.push(self.values.len() as Id);
        self.values.push(value);
        Ok(())
    }

    fn integer(&mut self, bytes: u64) -> Step<()> {
        let number = self.number(bytes)?;
        self.push(Value::Int(number.cast_signed()))
    }

    /// A two's-complement number of any length; one of more than eight bytes is nobody's size.
    fn long(&mut self, length: u64) -> Step<()> {
        let (from, to) = self.skip(length)?;
        let digits = &self.bytes[from..to];
        if digits.len() > 8 {
            self.stack.push(OTHER);
            return Ok(());
        }
        let sign = digits.last().is_some_and(|last| last & 0x80 != 0);
        let mut number = [if sign { 0xff } else { 0 }; 8];
        number[..digits.len()].copy_from_slice(digits);
        self.push(Value::Int(i64::from_le_bytes(number)))
    }

    fn text(&mut self, from: usize, to: usize) -> Step<()> {
        self.push(Value::Text(from as u32, to as u32))
    }

    fn sized_text(&mut self, length_bytes: u64) -> Step<()> {
        let length = self.number(length_bytes)?;
        let (from, to) = self.skip(length)?;
        self.text(from, to)
    }

    fn sized_bytes(&mut self, length_bytes: u64) -> Step<()> {
        let length = self.number(length_bytes)?;
        self.skip(length)?;
        self.stack.push(OTHER);
        Ok(())
    }

    /// How many values of the stack lie under the last mark.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn pop(&mut self) -> Step<Id> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn top(&self) -> Step<Id> {
        match self.stack.last() {
            Some(&top) if self.stack.len() > self.floor() => Ok(top),
            _ => Err("the stack is empty".to_owned()),
        }
    }

    fn since_mark(&mut self) -> Step<Vec<Id>> {
        let mark = self.marks.pop().ok_or("no mark was set")?;
        Ok(self.stack.split_off(mark))
    }

    fn name(&mut self) -> Step<()> {
        let name = self.pop()?;
        let module = self.pop()?;
        self.push(Value::Global(module, name))
    }

    fn object(&mut self, class: Id, arguments: Id) -> Step<()> {
        self.push(Value::Object(Box::new(Object {
            class,
            arguments,
            state: None,
            entries: Vec::new(),
        })))
    }

    /// Adds to the list on top of the stack; other collections are nobody's structure.
    fn append(&mut self, new: &[Id]) -> Step<()> {
        let top = self.top()?;
        if let Value::List(items) = &mut self.values[top as usize] {
            items.extend(new);
        }
        Ok(())
    }

    /// Adds to the dictionary or object on top of the stack.
    fn insert(&mut self, new: &[Id]) -> Step<()> {
        let new = pairs(new)?;
        let top = self.top()?;
        match &mut self.values[top as usize] {
            Value::Dict(entries) => entries.extend(new),
            Value::Object(object) => object.entries.extend(new),
            _ => return Err("entries for something that has none".to_owned()),
        }
        Ok(())
    }

    fn remember_or_recall(&mut self, remember: bool, index: u64) -> Step<()> {
        if remember {
            let top = self.top()?;
            self.memo.insert(index, top);
        } else {
            let value = *self
                .memo
                .get(&index)
                .ok_or("a memo entry that was never set")?;
            self.stack.push(value);
        }
        Ok(())
    }
}

fn pairs(items: &[Id]) -> Step<Vec<(Id, Id)>> {
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("a key without a value".to_owned());
    }
    Ok(pairs.iter().map(|&[key, value]| (key, value)).collect())
}
