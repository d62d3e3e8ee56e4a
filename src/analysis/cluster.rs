//! Agglomerative clustering by average linkage (UPGMA), with the order of the leaves.

/// Two clusters that were joined.
///
/// Clusters 0 to n − 1 are the items; the k-th join makes cluster n + k.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Join {
    /// The cluster with the lower number.
    pub first: usize,
    /// The other one.
    pub second: usize,
    /// Mean distance between the items of the two.
    pub height: f64,
    /// Items in the cluster that they make.
    pub items: usize,
}

/// Joins items until one cluster is left, the two nearest clusters first.
///
/// `distances` is `[item, item]`, symmetric. Of equals the clusters with the lowest numbers are
/// joined. Distances that are not finite count as the largest that is.
#[must_use]
pub fn average_linkage(distances: &[Vec<f64>]) -> Vec<Join> {
    let n = distances.len();
    let known = || {
        distances
            .iter()
            .flatten()
            .copied()
            .filter(|d| d.is_finite())
    };
    let farthest = known().fold(0.0, f64::max);
    let mut between: Vec<Vec<f64>> = (0..n)
        .map(|i| {
            let at = |j: usize| distances[i].get(j).copied().filter(|d| d.is_finite());
            (0..n).map(|j| at(j).unwrap_or(farthest)).collect()
        })
        .collect();
    // Clusters that are left: number, row of `between`, items.
    let mut left: Vec<(usize, usize, usize)> = (0..n).map(|item| (item, item, 1)).collect();
    let mut joins = Vec::with_capacity(n.saturating_sub(1));
    while left.len() > 1 {
        let mut best = (f64::INFINITY, 0, 1);
        for a in 0..left.len() {
            for b in a + 1..left.len() {
                let distance = between[left[a].1][left[b].1];
                if distance < best.0 {
                    best = (distance, a, b);
                }
            }
        }
        let (height, a, b) = best;
        let (second, from, more) = left.remove(b);
        let (first, to, items) = left.remove(a);
        for &(_, other, _) in &left {
            let mean = (between[to][other] * items as f64 + between[from][other] * more as f64)
                / (items + more) as f64;
            between[to][other] = mean;
            between[other][to] = mean;
        }
        joins.push(Join {
            first: first.min(second),
            second: first.max(second),
            height,
            items: items + more,
        });
        left.push((n + joins.len() - 1, to, items + more));
    }
    joins
}

/// The items from one end of the tree to the other: neighbours were joined early.
///
/// Of two joined clusters the one with the lower number comes first, as in `SciPy`.
#[must_use]
pub fn leaf_order(joins: &[Join]) -> Vec<usize> {
    let n = joins.len() + 1;
    let mut order = Vec::with_capacity(n);
    let mut open = vec![2 * n - 2];
    while let Some(cluster) = open.pop() {
        match cluster.checked_sub(n).and_then(|join| joins.get(join)) {
            Some(join) => open.extend([join.second, join.first]),
            None => order.push(cluster),
        }
    }
    order
}
