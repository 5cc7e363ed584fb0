/* clang-format off */ /* Calls, a loop, and a variable that is written now and then. */
int result;
int writes[4];

static int square(int x)
{
    int y = x * x;
    return y;
}

static int sum_of_squares(int n)
{
    int sum = 0;
    for (int i = 1; i <= n; i++)
        sum += square(i);
    return sum;
}

static int factorial(int n)
{
    if (n <= 1)
        return 1;
    return n * factorial(n - 1);
}

static void finish(void)
{
    writes[3] = result;
}

int main(void)
{
    int a = square(3);
    result = a;
    writes[0] = 1;
    int b = sum_of_squares(4);
    result += b;
    writes[1] = writes[0] + 1;
    int c = factorial(5);
    result += c;
    writes[2] = 3;
    finish();
    return 0;
}
