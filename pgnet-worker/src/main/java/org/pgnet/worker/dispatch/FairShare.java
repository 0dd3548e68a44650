package org.pgnet.worker.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.ToLongFunction;

/** Chooses some entries of a list to show, by turns of owners: an owner of very many leaves room for those of others. */
public final class FairShare {
    private FairShare() {}

    /**
     * The first ones of each owner, in the order of the list.
     *
     * @param most how many are chosen when there are more
     */
    public static <T> List<T> of(List<T> all, ToLongFunction<T> owner, int most) {
        if (all.size() <= most) {
            return all;
        }
        Map<Long, Queue<Integer>> places = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            places.computeIfAbsent(owner.applyAsLong(all.get(i)), each -> new ArrayDeque<>())
                    .add(i);
        }
        List<Integer> chosen = new ArrayList<>(most);
        while (chosen.size() < most) {
            for (Queue<Integer> ofOwner : places.values()) {
                if (!ofOwner.isEmpty() && chosen.size() < most) {
                    chosen.add(ofOwner.remove());
                }
            }
        }
        return chosen.stream().sorted(Comparator.naturalOrder()).map(all::get).toList();
    }
}
