/* crash: a small list with a bug, whose effect shows long after its cause.
 *
 * One name is blacked out with a memset that is too long by a pointer: it ruins the link to the next node. Nobody looks
 * at that link for some hundred million instructions. Then the list is summed up, and the program dies in a loop that
 * is entirely innocent. examples/demo.sh records this and goes back to the cause. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
    char name[16];
    struct node *next;
    long age;
};

static struct node *add(struct node *head, const char *name, long age)
{
    struct node *n = malloc(sizeof *n);

    if (n == NULL)
        exit(1);
    snprintf(n->name, sizeof n->name, "%s", name);
    n->age = age;
    n->next = head;
    return n;
}

static void black_out(struct node *n, char c)
{
    memset(n->name, c, sizeof *n); /* the bug: sizeof *n, not sizeof n->name */
}

static struct node *find(struct node *n, const char *name)
{
    while (n != NULL && strcmp(n->name, name) != 0)
        n = n->next;
    return n;
}

/* Something honest to do in between: counts primes. */
static unsigned primes_below(unsigned limit)
{
    char *composite = calloc(limit, 1);
    unsigned count = 0;

    if (composite == NULL)
        exit(1);
    for (unsigned n = 2; n < limit; n++) {
        count += !composite[n];
        for (unsigned long m = (unsigned long)n * n; !composite[n] && m < limit; m += n)
            composite[m] = 1;
    }
    free(composite);
    return count;
}

static long sum_of_ages(const struct node *n)
{
    long sum = 0;

    while (n != NULL) {
        sum += n->age; /* dies here */
        n = n->next;   /* follows the ruined link */
    }
    return sum;
}

int main(void)
{
    struct node *people = NULL;

    people = add(people, "grace", 85);
    people = add(people, "alan", 41);
    people = add(people, "ada", 36);
    people = add(people, "edsger", 72);
    printf("crash: four people, and one of them shall be nameless\n");
    black_out(find(people, "ada"), 'A');

    printf("crash: %u primes below 3,000,000\n", primes_below(3000000));

    printf("crash: adding up their ages\n");
    fflush(stdout);
    printf("crash: %ld years\n", sum_of_ages(people));
    return 0;
}
