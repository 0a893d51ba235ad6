/* The two models of engine_speed.py as a C programmer would write them: an event list in a binary heap, a loop that takes the
 * next event and a switch over its kind; jobs are records in linked queues. Nothing else can be simulated with it. The draws
 * are those of the engine, so that both must give the same answers to the last bit.
 *
 *     event_loop queue END RUN_KEY ARRIVAL_KEY STEP_KEY BETWEEN SERVICE
 *     event_loop line END RUN_KEY PLACES SERVICE UP DOWN (STEP_KEY FAILURE_KEY)...
 *
 * It prints: events, CPU seconds of the loop, jobs done, steps begun, sum of the waits, sum of the times in the plant.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum purpose { TIME = 0, FAILURE = 8, REPAIR = 9, RELEASE = 10 };
enum { TURNS = 4096, STATIONS = 64 };

static uint64_t run_key;

static uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static double exponential(double mean, enum purpose purpose, uint64_t entity, uint64_t count) {
    uint64_t stream = mix(run_key + purpose * 0xBF58476D1CE4E5B9u + entity * 0x9E3779B97F4A7C15u);
    uint64_t value = mix(stream + count * 0x9E3779B97F4A7C15u);
    return -mean * log(((double)(value >> 11) + 0.5) * (1.0 / 9007199254740992.0));
}

/* The event list. */

struct event {
    double time;
    uint64_t order;
    int kind, entity;
};

static struct event *heap;
static int events_ahead, heap_size;
static uint64_t order;
static double now;

static int before(const struct event *one, const struct event *other) {
    if (one->time != other->time)
        return one->time < other->time;
    return one->order < other->order;
}

static void schedule(double time, int kind, int entity) {
    if (events_ahead == heap_size) {
        heap_size = heap_size ? 2 * heap_size : 64;
        heap = realloc(heap, heap_size * sizeof *heap);
        if (!heap)
            abort();
    }
    struct event added = {time, order++, kind, entity};
    int place = events_ahead++;
    while (place > 0 && before(&added, &heap[(place - 1) / 2])) {
        heap[place] = heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    heap[place] = added;
}

static struct event next_event(void) {
    struct event first = heap[0], last = heap[--events_ahead];
    int place = 0;
    for (;;) {
        int child = 2 * place + 1;
        if (child >= events_ahead)
            break;
        if (child + 1 < events_ahead && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &last))
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = last;
    return first;
}

/* Jobs, their queues, and what is counted. */

struct job {
    struct job *next;
    double released, arrived;
    uint64_t serial;
};

struct queue {
    struct job *head, *tail;
    int length;
    double area, since;
};

static struct job *unused;
static long made, done, begun, present;
static double waits, times, present_area, present_since;

static void count_present(int change) {
    present_area += present * (now - present_since);
    present_since = now;
    present += change;
}

static struct job *new_job(void) {
    struct job *job = unused;
    if (job)
        unused = job->next;
    else if (!(job = malloc(sizeof *job)))
        abort();
    job->serial = made++;
    job->released = now;
    count_present(1);
    return job;
}

static void job_done(struct job *job) {
    done++;
    times += now - job->released;
    count_present(-1);
    job->next = unused;
    unused = job;
}

static void join(struct queue *queue, struct job *job) {
    queue->area += queue->length * (now - queue->since);
    queue->since = now;
    job->arrived = now;
    job->next = NULL;
    if (queue->tail)
        queue->tail->next = job;
    else
        queue->head = job;
    queue->tail = job;
    queue->length++;
}

static struct job *first_of(struct queue *queue) {
    struct job *job = queue->head;
    queue->area += queue->length * (now - queue->since);
    queue->since = now;
    queue->head = job->next;
    if (!queue->head)
        queue->tail = NULL;
    queue->length--;
    begun++;
    waits += now - job->arrived;
    return job;
}

/* One server. */

enum queue_event { ARRIVAL, DEPARTURE };

static long run_queue(double end, uint64_t arrival_key, uint64_t step_key, double between, double service) {
    struct queue queue = {0};
    struct job *served = NULL;
    double busy = 0.0, busy_since = 0.0;
    long events = 0, arrivals = 0;
    schedule(exponential(between, RELEASE, arrival_key, arrivals), ARRIVAL, 0);
    for (;;) {
        struct event event = next_event();
        if (event.time >= end)
            break;
        now = event.time;
        events++;
        switch (event.kind) {
        case ARRIVAL:
            join(&queue, new_job());
            schedule(now + exponential(between, RELEASE, arrival_key, ++arrivals), ARRIVAL, 0);
            break;
        case DEPARTURE:
            job_done(served);
            served = NULL;
            busy += now - busy_since;
            break;
        }
        if (!served && queue.head) {
            served = first_of(&queue);
            busy_since = now;
            schedule(now + exponential(service, TIME, step_key, served->serial * TURNS), DEPARTURE, 0);
        }
    }
    return events;
}

/* A line of machines that fail while they work, with few places between them. */

enum line_event { STEP_ENDS, FAILS, REPAIRED };
enum state { STARVED, WORKING, BLOCKED, DOWN };

struct machine {
    struct queue queue;
    struct job *job;
    uint64_t step_key, failure_key;
    double left, until_failure, resumed;
    long failures;
    enum state state;
    double since, time_in[4];
};

static struct machine line[STATIONS];
static int stations, places;
static double service, up, down;

static void enter(struct machine *machine, enum state state) {
    machine->time_in[machine->state] += now - machine->since;
    machine->since = now;
    machine->state = state;
}

static void work(int k) {
    struct machine *machine = &line[k];
    enter(machine, WORKING);
    machine->resumed = now;
    if (machine->until_failure < machine->left)
        schedule(now + machine->until_failure, FAILS, k);
    else
        schedule(now + machine->left, STEP_ENDS, k);
}

static void begin(int k) {
    struct machine *machine = &line[k];
    if (machine->job)
        return;
    if (k == 0)
        join(&machine->queue, new_job());
    else if (!machine->queue.head)
        return;
    machine->job = first_of(&machine->queue);
    machine->left = exponential(service, TIME, machine->step_key, machine->job->serial * TURNS);
    work(k);
}

static int has_room(int k) { return line[k].queue.length < places + (line[k].job == NULL); }

/* The machine's job goes on if there is a place for it; what is blocked behind it follows. */
static void send_off(int k) {
    for (; k >= 0; k--) {
        struct machine *machine = &line[k];
        if (k == stations - 1) {
            job_done(machine->job);
        } else {
            if (!has_room(k + 1)) {
                enter(machine, BLOCKED);
                return;
            }
            join(&line[k + 1].queue, machine->job);
        }
        machine->job = NULL;
        enter(machine, STARVED);
        if (k + 1 < stations)
            begin(k + 1);
        begin(k);
        if (k == 0 || line[k - 1].state != BLOCKED)
            return;
    }
}

static long run_line(double end) {
    long events = 0;
    for (int k = 0; k < stations; k++)
        line[k].until_failure = exponential(up, FAILURE, line[k].failure_key, 0);
    begin(0);
    for (;;) {
        struct event event = next_event();
        if (event.time >= end)
            break;
        now = event.time;
        events++;
        struct machine *machine = &line[event.entity];
        double elapsed = now - machine->resumed;
        switch (event.kind) {
        case STEP_ENDS:
            machine->until_failure -= elapsed;
            send_off(event.entity);
            break;
        case FAILS:
            machine->left = fmax(0.0, machine->left - elapsed);
            enter(machine, DOWN);
            schedule(now + exponential(down, REPAIR, machine->failure_key, machine->failures++), REPAIRED, event.entity);
            break;
        case REPAIRED:
            machine->until_failure = exponential(up, FAILURE, machine->failure_key, machine->failures);
            work(event.entity);
            break;
        }
    }
    return events;
}

int main(int count, char **given) {
    if (count < 8)
        return 2;
    long events;
    double end = strtod(given[2], NULL);
    run_key = strtoull(given[3], NULL, 10);
    clock_t began = clock();
    if (!strcmp(given[1], "queue")) {
        events = run_queue(end, strtoull(given[4], NULL, 10), strtoull(given[5], NULL, 10), strtod(given[6], NULL),
                           strtod(given[7], NULL));
    } else {
        places = atoi(given[4]);
        service = strtod(given[5], NULL);
        up = strtod(given[6], NULL);
        down = strtod(given[7], NULL);
        for (int k = 8; k + 1 < count && stations < STATIONS; k += 2, stations++) {
            line[stations].step_key = strtoull(given[k], NULL, 10);
            line[stations].failure_key = strtoull(given[k + 1], NULL, 10);
        }
        events = run_line(end);
    }
    printf("%ld %.6f %ld %ld %.17g %.17g\n", events, (double)(clock() - began) / CLOCKS_PER_SEC, done, begun, waits, times);
    return 0;
}
