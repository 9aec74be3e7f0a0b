//! A queue that takes turns among requests, so that one with many pictures does not delay the others.

use std::collections::VecDeque;

/// The waiting items of all requests. A connection has one request at a time, so turns among
/// requests are turns among connections (round-robin).
#[derive(Debug)]
pub struct FairQueue<T> {
    /// None of them is empty.
    requests: VecDeque<VecDeque<T>>,
}

impl<T> FairQueue<T> {
    /// An empty queue.
    pub fn new() -> Self {
        Self { requests: VecDeque::new() }
    }

    /// Adds the items of one request, in order.
    pub fn push(&mut self, items: VecDeque<T>) {
        if !items.is_empty() {
            self.requests.push_back(items);
        }
    }

    /// Removes the next item of the request whose turn it is.
    pub fn pop(&mut self) -> Option<T> {
        let mut request = self.requests.pop_front()?;
        let item = request.pop_front();
        self.push(request);
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_take_turns() {
        let mut queue = FairQueue::new();
        queue.push(VecDeque::from(["a1", "a2", "a3", "a4"]));
        queue.push(VecDeque::from(["b1"]));
        assert_eq!(queue.pop(), Some("a1"));
        queue.push(VecDeque::from(["c1", "c2"]));
        queue.push(VecDeque::new());
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(rest, ["b1", "a2", "c1", "a3", "c2", "a4"]);
    }
}
