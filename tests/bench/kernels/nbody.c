/* Five bodies that attract each other: square roots, divisions, and long chains of multiplications. */
#include "kernel.h"

enum { BODIES = 5 };

struct body {
    double x, y, z, vx, vy, vz, mass;
};

/* A sun and four planets, in units of our own: distance from the sun 1 .. 8, about circular. */
static struct body bodies[BODIES];

void kernel_prepare(void)
{
    bodies[0] = (struct body){.mass = 40};
    for (int i = 1; i < BODIES; i++) {
        double r = (double)(1 << (i - 1));
        bodies[i] = (struct body){.x = i & 1 ? r : -r, .z = r / 16, .mass = 0.01 * i};
        bodies[i].vy = (i & 1 ? 1 : -1) * __builtin_sqrt(bodies[0].mass / r);
    }
}

static void attract(struct body *a, struct body *b, double dt)
{
    double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
    double square = dx * dx + dy * dy + dz * dz;
    double pull = dt / (square * __builtin_sqrt(square));

    a->vx -= dx * b->mass * pull;
    a->vy -= dy * b->mass * pull;
    a->vz -= dz * b->mass * pull;
    b->vx += dx * a->mass * pull;
    b->vy += dy * a->mass * pull;
    b->vz += dz * a->mass * pull;
}

static void step(double dt)
{
    for (int i = 0; i < BODIES; i++)
        for (int j = i + 1; j < BODIES; j++)
            attract(&bodies[i], &bodies[j], dt);
    for (int i = 0; i < BODIES; i++) {
        bodies[i].x += dt * bodies[i].vx;
        bodies[i].y += dt * bodies[i].vy;
        bodies[i].z += dt * bodies[i].vz;
    }
}

static double energy(void)
{
    double sum = 0;

    for (int i = 0; i < BODIES; i++) {
        const struct body *a = &bodies[i];
        sum += a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz) / 2;
        for (int j = i + 1; j < BODIES; j++) {
            double dx = a->x - bodies[j].x, dy = a->y - bodies[j].y, dz = a->z - bodies[j].z;
            sum -= a->mass * bodies[j].mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return sum;
}

struct sums kernel_run(uint64_t rounds)
{
    union {
        double value;
        uint64_t bits;
    } sum;

    for (uint64_t i = 0; i < rounds; i++)
        step(1.0 / 4096);
    sum.value = energy();
    return (struct sums){.portable = (uint64_t)(int64_t)(sum.value * 1e5), .exact = sum.bits};
}
